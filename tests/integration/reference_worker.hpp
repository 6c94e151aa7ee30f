// The fixture of what is tested with baton-worker as the service.
#pragma once

#include "common/net/listen.hpp"
#include "tests/integration/batond_test.hpp"

#include <SQLiteCpp/Database.h>
#include <httplib.h>

#include <sys/stat.h>

#include <string>
#include <variant>
#include <vector>

namespace baton::testing {

class ReferenceWorker : public BatondTest {
 protected:
  ReferenceWorker() {
    write_file(secret_, std::string(48, 's') + "\n");
    ::chmod(secret_.c_str(), 0600);
  }

  std::vector<std::string> command() const {
    return {program("baton-worker").string(),
            "--identify",
            "--database",
            database_.string(),
            "--secret-file",
            secret_.string()};
  }

  void serve() {
    site_.add_release("v1", command());
    site_.use("v1");
    start();
  }

  std::string token() const {
    const Ran ran = run(Command{{program("baton-worker").string(), "token", "--subject", "tester",
                                 "--secret-file", secret_.string()},
                                {}});
    EXPECT_EQ(ran.exit_code, 0) << ran.err;
    return ran.out.substr(0, ran.out.find('\n'));
  }

  torture::Options clients_with_token(torture::Mode mode, unsigned number) {
    torture::Options options = clients(mode, number);
    options.name_prefix = mode == torture::Mode::fresh ? "fresh" : "other";
    options.token = token();
    options.post_percent = 20;
    return options;
  }

  // One connection, kept open between requests.
  httplib::Client connect(const net::Address& address) {
    httplib::Client client("127.0.0.1", std::get<net::Ipv4Address>(address).port);
    client.set_keep_alive(true);
    client.set_bearer_token_auth(token());
    return client;
  }

  int count(const std::string& query) const {
    SQLite::Database database(database_.string());
    return database.execAndGet(query).getInt();
  }

  const std::filesystem::path database_ = scratch("items.db");
  const std::filesystem::path secret_ = scratch("secret");
};

}  // namespace baton::testing
