#include "supervisor/config/config.hpp"

namespace baton::config {

std::string format_problem(const Problem& problem) {
  std::string text = problem.file;
  if (problem.line > 0) {
    text += ":" + std::to_string(problem.line) + ":" + std::to_string(problem.column);
  }
  return text + ": " + problem.message;
}

std::string format_problems(const Problems& problems) {
  std::string text;
  for (const Problem& problem : problems.list) {
    text += (text.empty() ? "" : "\n") + format_problem(problem);
  }
  return text;
}

void throw_exception_from_error(const Problems& problems, const boost::source_location&) {
  throw Failure({Errc::invalid_input, format_problems(problems)});
}

}  // namespace baton::config
