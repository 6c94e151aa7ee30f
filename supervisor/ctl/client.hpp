// The admin API as batonctl sees it: requests over the supervisor's Unix socket. Keeps the HTTP
// library out of everybody else's sight. stop() may be called from any thread, the rest from one.
//
// Errors: Errc::closed - no supervisor answers there; Errc::not_permitted - it may not be asked;
// Errc::not_found and Errc::invalid_input - it refused, in its own words; Errc::busy - it can't
// just now; Errc::system - anything else.
#pragma once

#include "common/admin/api_json.hpp"
#include "common/result.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace baton::ctl {

using admin::Json;

class Client {
 public:
  explicit Client(std::string socket_path);
  ~Client();

  // Fills `answer` with the document; or says what went wrong.
  std::optional<Error> get(const std::string& path, Json& answer);
  std::optional<Error> post(const std::string& path, const Json& body, Json& answer);

  enum class Next { more, enough };
  using OnLine = std::function<Next(const Json&)>;

  // Calls back for each line of a stream until it ends, or `on_line` has enough, or stop().
  std::optional<Error> stream_get(const std::string& path, const OnLine& on_line);
  std::optional<Error> stream_post(const std::string& path, const Json& body,
                                   const OnLine& on_line);

  // Ends a stream from another thread: it returns without an error.
  void stop();

  const std::string& socket_path() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace baton::ctl
