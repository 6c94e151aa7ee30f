#include "supervisor/ctl/command_line.hpp"

#include <csignal>
#include <exception>
#include <iostream>

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  try {
    return static_cast<int>(baton::ctl::run({argv + 1, argv + argc}, std::cout, std::cerr));
  } catch (const std::exception& error) {
    std::cerr << "batonctl: " << error.what() << "\n";
    return static_cast<int>(baton::ctl::ExitCode::failed);
  }
}
