// The verbs of batonctl. Each adds itself to the command line, and sets Session::run when it is
// chosen. A file per verb, or per family of verbs that differ in a word.
#pragma once

namespace CLI {
class App;
}

namespace baton::ctl {

class Session;

void add_status(CLI::App& app, Session& session);
void add_operations(CLI::App& app, Session& session);  // deploy rollback ... scale
void add_history(CLI::App& app, Session& session);     // history show
void add_signal(CLI::App& app, Session& session);
void add_logs(CLI::App& app, Session& session);
void add_events(CLI::App& app, Session& session);
void add_wait(CLI::App& app, Session& session);
void add_supervisor_verbs(CLI::App& app, Session& session);  // reload shutdown ping version
void add_completion(CLI::App& app, Session& session);
void add_config(CLI::App& app, Session& session);  // config check

// The whole command line.
void define(CLI::App& app, Session& session);

}  // namespace baton::ctl
