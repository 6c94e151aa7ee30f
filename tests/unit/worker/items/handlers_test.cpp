// The items API called directly: no socket, no database.
#include "worker/items/handlers.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <sstream>

namespace baton::items {
namespace {

using http::Method;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class FakeRepository : public ItemRepository {
 public:
  Result<ItemPage> list(std::int64_t page, std::int64_t per_page, std::stop_token) override {
    asked_page = page;
    asked_per_page = per_page;
    if (failure) return *failure;
    return ItemPage{{{41, "a", "2026-11-23T13:00:01.123Z"}}, 41};
  }
  Result<Item> create(std::string_view name, std::stop_token) override {
    if (failure) return *failure;
    created.emplace_back(name);
    return Item{42, std::string(name), "2026-11-23T13:00:01.123Z"};
  }
  Result<void> check(std::stop_token) override {
    if (failure) return *failure;
    return {};
  }

  std::optional<Error> failure;
  std::int64_t asked_page = 0;
  std::int64_t asked_per_page = 0;
  std::vector<std::string> created;
};

class Handlers : public ::testing::Test {
 protected:
  Handlers() {
    add_routes(
        router_, repository_,
        [this](http::Handler next) -> http::Handler {
          return [this, next](http::Exchange& exchange) {
            ++authorised_;
            next(exchange);
          };
        },
        log_);
  }

  // The status of the answer.
  unsigned call(Method method, const std::string& path, const std::string& query,
                const std::string& body) {
    exchange_.clear();
    exchange_.request.method = method;
    exchange_.request.query = query;
    exchange_.request.body = body;
    router_.find(method, path).handler(exchange_);
    return exchange_.response.status;
  }
  unsigned list(const std::string& query) { return call(Method::get, "/api/v1/items", query, ""); }
  unsigned create(const std::string& body) { return call(Method::post, "/api/v1/item", "", body); }
  unsigned health() { return call(Method::get, "/healthz", "", ""); }

  const std::string& body() const { return exchange_.response.body; }
  std::string message() const {
    EXPECT_EQ(exchange_.response.content_type, http::json_type);
    return nlohmann::json::parse(body()).at("error").at("message");
  }

  std::ostringstream log_text_;
  std::shared_ptr<spdlog::logger> log_ = std::make_shared<spdlog::logger>(
      "test", std::make_shared<spdlog::sinks::ostream_sink_mt>(log_text_));
  std::shared_ptr<FakeRepository> repository_ = std::make_shared<FakeRepository>();
  int authorised_ = 0;
  http::Router router_;
  http::Exchange exchange_;
};

TEST_F(Handlers, AnItemIsCreatedAndShown) {
  EXPECT_EQ(create(R"({"name":"a \"b\" ä"})"), 201U);
  EXPECT_EQ(body(), R"({"id":42,"name":"a \"b\" ä","created_at":"2026-11-23T13:00:01.123Z"})");
  EXPECT_EQ(exchange_.response.content_type, http::json_type);
  EXPECT_THAT(repository_->created, ::testing::ElementsAre("a \"b\" ä"));
}

TEST_F(Handlers, APageComesWithItsFacts) {
  EXPECT_EQ(list("page=3&per_page=20"), 200U);
  EXPECT_EQ(body(), R"({"items":[{"id":41,"name":"a","created_at":"2026-11-23T13:00:01.123Z"}],)"
                    R"("page":3,"per_page":20,"total":41,"pages":3})");
  EXPECT_EQ(repository_->asked_page, 3);
}

TEST_F(Handlers, APageThatIsNotAskedForIsTheFirst) {
  EXPECT_EQ(list(""), 200U);
  EXPECT_EQ(repository_->asked_page, 1);
  EXPECT_EQ(repository_->asked_per_page, 20);
}

TEST_F(Handlers, TheLastPageAndTheLongestAreAccepted) {
  EXPECT_EQ(list("page=1000000000&per_page=100"), 200U);
  EXPECT_EQ(repository_->asked_page, 1'000'000'000);
  EXPECT_EQ(repository_->asked_per_page, 100);
}

TEST_F(Handlers, APageThatCannotBeIs422) {
  for (const char* page :
       {"0", "-1", "1.5", "x", "", "1x", "+1", "1000000001", "99999999999999999999"}) {
    EXPECT_EQ(list("page=" + std::string(page)), 422U) << page;
    EXPECT_EQ(message(), "'page' must be a number from 1 to 1000000000") << page;
  }
  for (const char* per_page : {"0", "101", "-5", "ten"}) {
    EXPECT_EQ(list("per_page=" + std::string(per_page)), 422U) << per_page;
    EXPECT_EQ(message(), "'per_page' must be a number from 1 to 100") << per_page;
  }
  EXPECT_EQ(repository_->asked_page, 0) << "the repository is not asked";
}

TEST_F(Handlers, ABodyThatIsNoItemIsRefusedWithTheReason) {
  struct Case {
    std::string body;
    unsigned status;
    std::string message;
  };
  const std::string deep = R"({"name":)" + std::string(10, '[') + std::string(10, ']') + "}";
  for (const Case& each : std::vector<Case>{
           {"", 400, "the body is not valid JSON"},
           {"name=a", 400, "the body is not valid JSON"},
           {R"({"name":"a")", 400, "the body is not valid JSON"},
           {R"({"name":"a"}{})", 400, "the body is not valid JSON"},
           {R"({'name':'a'})", 400, "the body is not valid JSON"},
           {"{\"name\":\"\xff\"}", 400, "the body is not valid JSON"},
           {deep, 400, "the body is not valid JSON"},
           {"null", 422, "the body must be a JSON object"},
           {"[]", 422, "the body must be a JSON object"},
           {R"("a")", 422, "the body must be a JSON object"},
           {"{}", 422, "'name' is missing"},
           {R"({"Name":"a"})", 422, "'name' is missing"},
           {R"({"name":null})", 422, "'name' must be a string"},
           {R"({"name":5})", 422, "'name' must be a string"},
           {R"({"name":["a"]})", 422, "'name' must be a string"},
           {R"({"name":"a","id":1})", 422, "'id' is not a field of an item"},
           {R"({"name":""})", 422, "'name' must not be empty"},
           {R"({"name":"a\u0000"})", 422, "'name' must not hold control characters"},
           {R"({"name":")" + std::string(201, 'x') + "\"}", 422,
            "'name' has more than 200 characters"},
       }) {
    EXPECT_EQ(create(each.body), each.status) << each.body;
    EXPECT_EQ(message(), each.message) << each.body;
  }
  EXPECT_THAT(repository_->created, IsEmpty());
}

TEST_F(Handlers, ALockedDatabaseIs503AndMayBeTriedAgain) {
  repository_->failure = Error{Errc::busy, "the database /x is locked by another process"};
  EXPECT_EQ(create(R"({"name":"a"})"), 503U);
  EXPECT_EQ(message(), "the database is busy; try again");
  EXPECT_THAT(std::string(exchange_.response.header_lines()), HasSubstr("Retry-After: 1\r\n"));
  EXPECT_THAT(log_text_.str(), HasSubstr("/x is locked"));
}

TEST_F(Handlers, ABrokenDatabaseIs500AndItsDetailsAreForTheLogOnly) {
  repository_->failure = Error{Errc::system, "the database /x: disk I/O error"};
  EXPECT_EQ(list(""), 500U);
  EXPECT_EQ(message(), "the database failed");
  EXPECT_THAT(log_text_.str(), HasSubstr("/x: disk I/O error"));
}

TEST_F(Handlers, ACancelledRequestIsNoErrorInTheLog) {
  repository_->failure = Error{Errc::closed, "nobody waits for the answer any more"};
  EXPECT_EQ(list(""), 503U);
  EXPECT_EQ(message(), "the request was cancelled");
  EXPECT_EQ(log_text_.str(), "");
}

TEST_F(Handlers, TheApiAsksForAuthorisationAndHealthDoesNot) {
  EXPECT_EQ(health(), 200U);
  EXPECT_EQ(body(), R"({"status":"ok"})");
  EXPECT_EQ(authorised_, 0);
  list("");
  create("{}");
  EXPECT_EQ(authorised_, 2);
}

TEST_F(Handlers, HealthIs503WithoutADatabase) {
  repository_->failure = Error{Errc::system, "the database /x: disk I/O error"};
  EXPECT_EQ(health(), 503U);
  EXPECT_EQ(message(), "the database does not answer");
  EXPECT_THAT(log_text_.str(), HasSubstr("not healthy"));
}

TEST_F(Handlers, AllOfThemMayBlock) {
  EXPECT_EQ(router_.find(Method::get, "/api/v1/items").where, http::RunOn::pool);
  EXPECT_EQ(router_.find(Method::post, "/api/v1/item").where, http::RunOn::pool);
  EXPECT_EQ(router_.find(Method::get, "/healthz").where, http::RunOn::pool);
}

}  // namespace
}  // namespace baton::items
