# Every library that Baton uses, found once. Each comes from a Debian package of deploy/packages.
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(CLI11 REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(tomlplusplus REQUIRED IMPORTED_TARGET tomlplusplus)
pkg_check_modules(httplib REQUIRED IMPORTED_TARGET cpp-httplib)
find_package(SQLiteCpp REQUIRED)
find_library(BATON_GPERFTOOLS tcmalloc_and_profiler REQUIRED)

# Debian has spdlog and fmt as shared libraries, which bring the shared C++ runtime with them, or as
# headers: see baton_link_in().
add_library(baton_spdlog INTERFACE)
target_compile_definitions(baton_spdlog INTERFACE SPDLOG_FMT_EXTERNAL)
target_link_libraries(baton_spdlog INTERFACE fmt::fmt-header-only Threads::Threads)
