#include "jit/prompt_form.h"

namespace vestibule::jit {

std::string_view nameOf(FieldProblem::Reason reason) {
  using Reason = FieldProblem::Reason;
  switch (reason) {
    case Reason::kMissing:
      return "missing";
    case Reason::kTaken:
      return "taken";
    case Reason::kPolicy:
      return "policy";
    case Reason::kMismatch:
      return "mismatch";
    case Reason::kMandatory:
      return "mandatory";
    case Reason::kOutdated:
      return "outdated";
    case Reason::kNotAskedFor:
      return "notAskedFor";
    case Reason::kInvalid:
      break;
  }
  return "invalid";
}

}  // namespace vestibule::jit
