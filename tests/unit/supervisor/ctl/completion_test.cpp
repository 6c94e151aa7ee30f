// The completion scripts, as the shells take them.
#include "tests/support/temp_dir.hpp"
#include "tests/unit/supervisor/ctl/ctl_test.hpp"

#include <gmock/gmock.h>

#include <filesystem>

namespace baton::ctl {
namespace {

using ::testing::HasSubstr;

class Completion : public CtlTest {
 protected:
  // What bash would offer for this command line, whose last word is being typed.
  std::string complete(const std::vector<std::string>& words) {
    testing::write_file(dir_ / "batonctl.bash", batonctl({"completion", "bash"}).out);
    std::string script = ". '" + (dir_ / "batonctl.bash").string() + "'; COMP_WORDS=(batonctl";
    for (const std::string& word : words)
      script += " '" + word + "'";
    script += "); COMP_CWORD=" + std::to_string(words.size()) +
              "; _batonctl; printf '%s\\n' \"${COMPREPLY[@]}\"";
    const std::string path = testing::program("batonctl").parent_path().string() + ":/usr/bin:/bin";
    const auto ran = testing::run(
        {{"/bin/bash", "-c", script}, {{"PATH", path}, {"BATON_SOCKET", served_.socket()}}});
    EXPECT_EQ(ran.err, "");
    return ran.out;
  }

  testing::TempDir dir_;
};

TEST_F(Completion, OfAVerb) {
  EXPECT_EQ(complete({"dep"}), "deploy\n");
  EXPECT_EQ(complete({"-o", "json", "ro"}), "rollback\n");
  EXPECT_EQ(complete({"nam"}), "\n") << "what is hidden is not offered";
}

TEST_F(Completion, OfAnOption) {
  EXPECT_EQ(complete({"deploy", "--rel"}), "--release\n");
  EXPECT_EQ(complete({"--sock"}), "--socket\n");
}

TEST_F(Completion, OfAServiceThatThereIs) {
  admin::ServiceStatus items;
  items.name = "items";
  items.state = "running";
  items.deploy = "idle";
  set_services({items});
  EXPECT_EQ(complete({"deploy", "it"}), "items\n");
}

TEST_F(Completion, OfADeployThatIsRemembered) {
  served_.with([](admin::FakeControl& control) {
    admin::DeployRecord record;
    record.id = "items-4";
    control.past = {record};
  });
  EXPECT_EQ(complete({"show", "it"}), "items-4\n");
}

TEST_F(Completion, EachShellIsServedAndNoOther) {
  EXPECT_THAT(batonctl({"completion", "zsh"}).out, HasSubstr("#compdef batonctl"));
  EXPECT_THAT(batonctl({"completion", "fish"}).out, HasSubstr("complete -c batonctl"));
  EXPECT_EQ(batonctl({"completion", "tcsh"}).exit_code, 2);
}

TEST_F(Completion, EachShellThatIsInstalledTakesItsScript) {
  for (const std::string shell : {"bash", "zsh", "fish"}) {
    if (!std::filesystem::exists("/usr/bin/" + shell)) continue;
    testing::write_file(dir_ / shell, batonctl({"completion", shell}).out);
    const auto ran = testing::run({{"/usr/bin/" + shell, "-n", dir_ / shell}, {}});
    EXPECT_EQ(ran.exit_code, 0) << shell << ": " << ran.err;
  }
}

}  // namespace
}  // namespace baton::ctl
