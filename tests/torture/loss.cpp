#include "tests/torture/loss.hpp"

namespace baton::torture {

const char* to_string(Loss loss) {
  switch (loss) {
    case Loss::refused:
      return "refused";
    case Loss::reset_before_answer:
      return "reset_before_answer";
    case Loss::reset_during_answer:
      return "reset_during_answer";
    case Loss::closed_before_answer:
      return "closed_before_answer";
    case Loss::closed_under_reuse:
      return "closed_under_reuse";
    case Loss::told_to_close:
      return "told_to_close";
    case Loss::reconnected:
      return "reconnected";
    case Loss::closed_while_idle:
      return "closed_while_idle";
    case Loss::truncated:
      return "truncated";
    case Loss::wrong_status:
      return "wrong_status";
    case Loss::wrong_answer:
      return "wrong_answer";
    case Loss::timed_out:
      return "timed_out";
  }
  return "unknown";
}

}  // namespace baton::torture
