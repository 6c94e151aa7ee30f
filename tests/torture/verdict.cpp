#include "tests/torture/verdict.hpp"

#include <cerrno>
#include <system_error>

namespace baton::torture {

using State = ResponseReader::State;

std::string text_of(int error) {
  return std::generic_category().message(error);
}

Verdict judge_end(const ResponseReader& reader, int error, bool reused) {
  if (reader.state() == State::broken) return {Loss::wrong_answer, reader.reason()};
  if (error == ETIMEDOUT) {
    const bool silent = reader.state() == State::waiting;
    return {Loss::timed_out, silent ? "not a byte in time" : "an unfinished answer"};
  }
  const std::string how = error != 0 ? text_of(error) : "end of the stream";
  if (reader.state() == State::reading) {
    return {error != 0 ? Loss::reset_during_answer : Loss::truncated, how + " inside the answer"};
  }
  if (reused) return {Loss::closed_under_reuse, how + " on a connection that had served before"};
  return {error != 0 ? Loss::reset_before_answer : Loss::closed_before_answer, how};
}

Verdict judge_behind(const ResponseReader& reader, int error, bool reused) {
  if (reader.state() == State::complete || reader.state() == State::broken) {
    return {Loss::wrong_answer, "behind an answer that makes no sense"};
  }
  Verdict verdict = judge_end(ResponseReader(), error, reused);
  verdict.detail += ", behind an answer that was not whole";
  return verdict;
}

}  // namespace baton::torture
