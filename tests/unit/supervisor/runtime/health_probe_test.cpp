#include "supervisor/runtime/health_probe.hpp"

#include "tests/support/temp_dir.hpp"
#include "tests/unit/supervisor/runtime/event_loop.hpp"
#include "tests/unit/supervisor/runtime/scripted_server.hpp"

#include <gmock/gmock.h>

#include <sys/socket.h>
#include <sys/un.h>

#include <filesystem>
#include <optional>
#include <utility>

namespace baton::runtime {
namespace {

using std::chrono::milliseconds;
using Trouble = std::optional<std::string>;
using namespace std::string_literals;

constexpr milliseconds generous{120'000};
constexpr milliseconds short_time{20};

class Probing : public ::testing::Test {
 protected:
  void serve(Script script) { server_.emplace(loop_.io(), listener_, std::move(script)); }

  config::HealthProbe wanted(milliseconds timeout = generous) const {
    return {.path = "/healthz", .status = 200, .timeout = timeout};
  }

  Trouble probe(const config::HealthProbe& wanted) {
    std::optional<Trouble> result;
    const HealthProbe probe(loop_.io(), listener_.path(), wanted,
                            [&](Trouble trouble) { result = std::move(trouble); });
    EXPECT_FALSE(result) << "it was not called from the event loop";
    loop_.run_until([&] { return result.has_value(); });
    return *result;
  }

  baton::testing::TempDir directory_;
  ProbeListener listener_ = ProbeListener::create(directory_ / "probe", "items.1").value();
  EventLoop loop_;
  std::optional<ScriptedServer> server_;
};

TEST_F(Probing, AsksAsAPlainHttpClientThatWantsOneAnswer) {
  serve({{"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"}});
  EXPECT_EQ(probe(wanted()), std::nullopt);
  EXPECT_THAT(server_->requests(),
              ::testing::ElementsAre("GET /healthz HTTP/1.1\r\nHost: baton\r\n"
                                     "User-Agent: baton-probe\r\nConnection: close\r\n\r\n"));
}

TEST_F(Probing, WantedStatusAndPathCanBeOthers) {
  serve({{"HTTP/1.1 204 No Content\r\n\r\n"}});
  EXPECT_EQ(probe({.path = "/up?deep=1", .status = 204, .timeout = generous}), std::nullopt);
  EXPECT_THAT(server_->requests().at(0), ::testing::StartsWith("GET /up?deep=1 HTTP/1.1\r\n"));
}

TEST_F(Probing, SeveralAtOnceDoNotDisturbEachOther) {
  serve({{"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"}});
  std::vector<std::unique_ptr<HealthProbe>> probes;
  unsigned passed = 0;
  for (unsigned i = 0; i < 8; ++i) {
    probes.push_back(std::make_unique<HealthProbe>(
        loop_.io(), listener_.path(), wanted(),
        [&](const Trouble& trouble) { passed += trouble ? 0U : 1U; }));
  }
  loop_.run_until([&] { return passed == 8; });
}

TEST_F(Probing, OneThatIsDestroyedIsNeverAnswered) {
  serve({{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"}});
  std::optional<HealthProbe> probe(std::in_place, loop_.io(), listener_.path(), wanted(),
                                   [](const Trouble&) { FAIL() << "it was taken back"; });
  loop_.run_until([&] { return !server_->requests().empty(); });
  probe.reset();
  probe.emplace(loop_.io(), listener_.path(), wanted(), [](const Trouble&) { FAIL(); });
  probe.reset();
  probe.emplace(loop_.io(), "/none", wanted(), [](const Trouble&) { FAIL(); });
  probe.reset();
  loop_.io().restart();
  while (loop_.io().poll_one() > 0) {
  }
}

TEST_F(Probing, MayBeDestroyedByItsAnswer) {
  serve({{"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"}});
  bool answered = false;
  std::optional<HealthProbe> probe;
  probe.emplace(loop_.io(), listener_.path(), wanted(), [&](const Trouble&) {
    probe.reset();
    answered = true;
  });
  loop_.run_until([&] { return answered; });
}

// ---- no answer

TEST_F(Probing, ServerThatNeverAnswers) {
  serve({});
  EXPECT_EQ(probe(wanted(short_time)), "GET /healthz was not answered within 20ms");
}

TEST_F(Probing, ServerThatNeverAccepts) {
  EXPECT_EQ(probe(wanted(short_time)), "GET /healthz was not answered within 20ms");
}

TEST_F(Probing, ServerThatBeginsToAnswer) {
  serve({{"HTTP/1.1 200 OK\r\nContent-"}});
  EXPECT_EQ(probe(wanted(short_time)), "GET /healthz was not answered within 20ms");
}

TEST_F(Probing, ServerThatDoesNotEndItsAnswer) {
  serve({{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "four"}});
  EXPECT_EQ(probe(wanted(short_time)), "GET /healthz was not answered to its end within 20ms");
}

TEST_F(Probing, ServerThatDoesNotEndItsRefusalHasRefusedNevertheless) {
  serve({{"HTTP/1.1 500 No\r\nContent-Length: 50\r\n\r\n", "disk full\n"}});
  EXPECT_EQ(probe(wanted(short_time)), "GET /healthz answered 500, not 200: disk full");
}

TEST_F(Probing, NobodyListens) {
  std::filesystem::remove(listener_.path());
  EXPECT_EQ(probe(wanted()), "GET /healthz could not be asked: No such file or directory");
}

// Connections that were given up wait on in the queue.
TEST_F(Probing, ServerThatHasNotAcceptedForLong) {
  Trouble trouble = probe(wanted(milliseconds{1}));
  for (unsigned i = 0; i < 100 && trouble == "GET /healthz was not answered within 1ms"; ++i)
    trouble = probe(wanted(milliseconds{1}));
  EXPECT_EQ(trouble,
            "GET /healthz could not be asked: the worker has not even accepted the questions "
            "before");
}

// ---- answers

struct Case {
  std::string name;
  Script script;
  Trouble trouble;
};

std::ostream& operator<<(std::ostream& out, const Case& answer) {
  return out << answer.name;
}

class Answer : public Probing, public ::testing::WithParamInterface<Case> {};

TEST_P(Answer, IsJudged) {
  serve(GetParam().script);
  EXPECT_EQ(probe(wanted()), GetParam().trouble);
}

const auto case_name = [](const auto& test) { return test.param.name; };

INSTANTIATE_TEST_SUITE_P(
    ThatPasses, Answer,
    ::testing::Values(
        Case{"InPieces", {{"HTTP/1.1 2", "00 OK\r\nContent-Length: 4\r\n", "\r\no", "kay"}}, {}},
        Case{
            "Chunked",
            {{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "2\r\nok\r\n", "0\r\n\r\n"}},
            {}},
        Case{"ThatEndsWithItsConnection",
             {{"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nok"}, Afterwards::close},
             {}},
        Case{"OfHttp10", {{"HTTP/1.0 200 OK\r\n\r\nok"}, Afterwards::close}, {}},
        Case{"LongerThanAnybodyReads",
             {{"HTTP/1.1 200 OK\r\nContent-Length: 4000000000\r\n\r\n", std::string(1000, 'x')},
              Afterwards::repeat_the_last},
             {}},
        Case{"WithoutEnd",
             {{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n"},
              Afterwards::repeat_the_last},
             {}}),
    case_name);

INSTANTIATE_TEST_SUITE_P(
    OfAnotherStatus, Answer,
    ::testing::Values(
        Case{"WithABody",
             {{"HTTP/1.1 503 Busy\r\nContent-Length: 24\r\n\r\ndatabase is locked\n  at 3"}},
             "GET /healthz answered 503, not 200: database is locked"},
        Case{"WithABodyThatComesLater",
             {{"HTTP/1.1 503 Busy\r\nContent-Length: 6\r\n\r\n", "lo", "cked"}},
             "GET /healthz answered 503, not 200: locked"},
        Case{"WithABodyInChunks",
             {{"HTTP/1.1 503 Busy\r\nTransfer-Encoding: chunked\r\n\r\n", "2\r\nlo\r\n",
               "4\r\ncked\r\n", "0\r\n\r\n"}},
             "GET /healthz answered 503, not 200: locked"},
        Case{"WithoutABody",
             {{"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"}},
             "GET /healthz answered 404, not 200"},
        Case{"ThatWouldBeRight",
             {{"HTTP/1.1 204 No Content\r\n\r\n"}},
             "GET /healthz answered 204, not 200"},
        Case{
            "CutShort",
            {{"HTTP/1.1 500 No\r\nContent-Length: 50\r\n\r\nout of", " memory"}, Afterwards::close},
            "GET /healthz answered 500, not 200: out of memory"},
        Case{"ThatWouldDriveATerminal",
             {{"HTTP/1.1 500 No\r\nContent-Length: 8\r\n\r\n\x1B[2J\xFF\0ok"s}},
             "GET /healthz answered 500, not 200: \\x1b[2J\xEF\xBF\xBD\\x00ok"},
        Case{"WithALongLine",
             {{"HTTP/1.1 500 No\r\nContent-Length: 900\r\n\r\n" + std::string(900, 'x')}},
             "GET /healthz answered 500, not 200: " + std::string(200, 'x')},
        Case{"WithoutEnd",
             {{"HTTP/1.1 500 No\r\n\r\nreason\n", "more\n"}, Afterwards::repeat_the_last},
             "GET /healthz answered 500, not 200: reason"}),
    case_name);

INSTANTIATE_TEST_SUITE_P(
    ThatIsNone, Answer,
    ::testing::Values(
        Case{"Nothing",
             {{}, Afterwards::close},
             "GET /healthz closed the connection without an answer"},
        Case{"HalfAHeader",
             {{"HTTP/1.1 200 OK\r\nContent-"}, Afterwards::close},
             "GET /healthz closed the connection in the middle of its answer"},
        Case{"HalfABody",
             {{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "four"}, Afterwards::close},
             "GET /healthz closed the connection in the middle of its answer"},
        Case{"AnotherProtocol",
             {{"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"}},
             "GET /healthz answered something that is not HTTP (bad version)"},
        Case{"AnotherLanguage",
             {{"\x15\x03\x01\x00\x02\x02\x46\r\n\r\n"s}},
             "GET /healthz answered something that is not HTTP (bad version)"},
        Case{"BadLength",
             {{"HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\n"}},
             "GET /healthz answered something that is not HTTP (bad Content-Length)"},
        Case{"BadChunk",
             {{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "two\r\nok\r\n"}},
             "GET /healthz answered something that is not HTTP (bad chunk)"},
        Case{"HugeHeader",
             {{"HTTP/1.1 200 OK\r\n", "X-Padding: " + std::string(1000, 'x') + "\r\n"},
              Afterwards::repeat_the_last},
             "GET /healthz answered with a header of more than 8 KiB"},
        Case{"HugeHeaderLine",
             {{"HTTP/1.1 200 OK\r\nX-Padding: ", std::string(1000, 'x')},
              Afterwards::repeat_the_last},
             "GET /healthz answered with a header of more than 8 KiB"}),
    case_name);

}  // namespace
}  // namespace baton::runtime
