#include "worker/items/handlers.hpp"

#include "worker/items/item_name.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <charconv>
#include <optional>
#include <utility>

namespace baton::items {
namespace {

using Json = nlohmann::ordered_json;
using http::Exchange;

constexpr std::int64_t default_per_page = 20;
constexpr std::int64_t most_per_page = 100;
constexpr std::int64_t last_page = 1'000'000'000;

// Objects are filled one member after the other: from an initializer list each value would be
// copied, twice. A page of items is answered 1.4 times as often so.
Json object(std::size_t members) {
  Json json = Json::object();
  json.get_ref<Json::object_t&>().reserve(members);
  return json;
}

Json to_json(Item item) {
  Json json = object(3);
  json.emplace("id", item.id);
  json.emplace("name", std::move(item.name));
  json.emplace("created_at", std::move(item.created_at));
  return json;
}

Json to_json(ItemPage found, std::int64_t page, std::int64_t per_page) {
  Json items = Json::array();
  items.get_ref<Json::array_t&>().reserve(found.items.size());
  for (Item& item : found.items)
    items.push_back(to_json(std::move(item)));
  Json json = object(5);
  json.emplace("items", std::move(items));
  json.emplace("page", page);
  json.emplace("per_page", per_page);
  json.emplace("total", found.total);
  json.emplace("pages", (found.total + per_page - 1) / per_page);
  return json;
}

void answer_json(http::Response& response, unsigned status, const Json& json) {
  response.status = status;
  response.content_type = http::json_type;
  response.body = json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// The repository's failures as HTTP: what may pass is 503, the rest 500. The details go to the log.
void answer_failure(Exchange& exchange, const Error& error, spdlog::logger& log) {
  if (error.code == Errc::closed) {
    http::answer_error(exchange.response, 503, "the request was cancelled");
    return;
  }
  log.error("request {}: {}", exchange.request.id, error.message);
  if (error.code == Errc::busy) {
    http::answer_error(exchange.response, 503, "the database is busy; try again");
    exchange.response.add_header("Retry-After", "1");
  } else {
    http::answer_error(exchange.response, 500, "the database failed");
  }
}

// A query parameter from 1 to `most`; answers 422 and gives nothing when it is anything else.
std::optional<std::int64_t> number_parameter(Exchange& exchange, std::string_view name,
                                             std::int64_t otherwise, std::int64_t most) {
  const auto text = exchange.request.parameter(name);
  if (!text) return otherwise;
  std::int64_t value = 0;
  const char* const end = text->data() + text->size();
  const auto [stop, error] = std::from_chars(text->data(), end, value);
  if (error == std::errc{} && stop == end && value >= 1 && value <= most) return value;
  http::answer_error(
      exchange.response, 422,
      "'" + std::string(name) + "' must be a number from 1 to " + std::to_string(most));
  return std::nullopt;
}

void list_items(Exchange& exchange, ItemRepository& repository, spdlog::logger& log) {
  const auto page = number_parameter(exchange, "page", 1, last_page);
  if (!page) return;
  const auto per_page = number_parameter(exchange, "per_page", default_per_page, most_per_page);
  if (!per_page) return;
  auto found = repository.list(*page, *per_page, exchange.request.cancelled);
  if (!found) return answer_failure(exchange, found.error(), log);
  answer_json(exchange.response, 200, to_json(std::move(*found), *page, *per_page));
}

// The name in {"name": "..."}; answers 400 or 422 and gives nothing when there is no good one.
std::optional<std::string> read_name(Exchange& exchange) {
  constexpr int max_depth = 4;
  bool too_deep = false;
  const auto limit = [&](int depth, Json::parse_event_t, Json&) {
    too_deep = too_deep || depth > max_depth;
    return !too_deep;
  };
  const Json body = Json::parse(exchange.request.body, limit, false);
  const auto refuse = [&](unsigned status, const std::string& why) {
    http::answer_error(exchange.response, status, why);
    return std::nullopt;
  };
  if (body.is_discarded() || too_deep) return refuse(400, "the body is not valid JSON");
  if (!body.is_object()) return refuse(422, "the body must be a JSON object");
  const auto name = body.find("name");
  if (name == body.end()) return refuse(422, "'name' is missing");
  if (!name->is_string()) return refuse(422, "'name' must be a string");
  for (const auto& [key, value] : body.items()) {
    if (key != "name") return refuse(422, "'" + key.substr(0, 64) + "' is not a field of an item");
  }
  if (const auto problem = problem_with_name(name->get_ref<const std::string&>())) {
    return refuse(422, *problem);
  }
  return name->get<std::string>();
}

void create_item(Exchange& exchange, ItemRepository& repository, spdlog::logger& log) {
  const auto name = read_name(exchange);
  if (!name) return;
  auto created = repository.create(*name, exchange.request.cancelled);
  if (!created) return answer_failure(exchange, created.error(), log);
  answer_json(exchange.response, 201, to_json(std::move(*created)));
}

void report_health(Exchange& exchange, ItemRepository& repository, spdlog::logger& log) {
  const auto healthy = repository.check(exchange.request.cancelled);
  if (!healthy) {
    log.error("not healthy: {}", healthy.error().message);
    return http::answer_error(exchange.response, 503, "the database does not answer");
  }
  answer_json(exchange.response, 200, Json{{"status", "ok"}});
}

}  // namespace

void add_routes(http::Router& router, std::shared_ptr<ItemRepository> repository,
                const http::Middleware& authorise, std::shared_ptr<spdlog::logger> log) {
  const auto bind =
      [&](void (*handler)(Exchange&, ItemRepository&, spdlog::logger&)) -> http::Handler {
    return [repository, log, handler](Exchange& exchange) { handler(exchange, *repository, *log); };
  };
  router.add(http::Method::get, "/api/v1/items", http::RunOn::pool, authorise(bind(list_items)));
  router.add(http::Method::post, "/api/v1/item", http::RunOn::pool, authorise(bind(create_item)));
  router.add(http::Method::get, "/healthz", http::RunOn::pool, bind(report_health));
}

}  // namespace baton::items
