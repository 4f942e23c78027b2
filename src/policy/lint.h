#pragma once
// Advice on policies that can be used but may not do what their author thinks.

#include <string>
#include <string_view>
#include <vector>

#include "policy/domain_policy.h"

namespace vestibule::policy {

enum class LintSeverity {
  kNote,     ///< worth knowing
  kWarning,  ///< probably not meant
  kError,    ///< the policy cannot be used
};

/// "note", "warning" or "error".
[[nodiscard]] std::string_view severityName(LintSeverity severity);

/// One piece of advice.
struct LintFinding {
  LintSeverity severity = LintSeverity::kNote;
  std::string setting;  ///< the name of the setting concerned
  std::string code;     ///< stable: POL-1020, POL-2001 …
  std::string text;     ///< one sentence, with an example where one was found
};

/// Looks at the settings and tries their patterns on sample texts. The same settings always give
/// the same findings, in the order of the settings. Nothing found does not mean that nothing is
/// wrong: the samples are samples. Codes:
///   POL-1020 (error)    the pattern cannot be used
///   POL-2001 (warning)  the Java and the JavaScript pattern disagree on a text
///   POL-2002 (warning)  names with `/` are permitted, and the first `/` of a name ends its domain
///   POL-2003 (warning)  a text needs more work than the limit allows
///   POL-2004 (warning)  the JavaScript pattern also matches in the middle of a text that is not
///                       all allowed
///   POL-2005 (note)     a violation message without a pattern is never shown
///   POL-2006 (warning)  guardRails without a cap stops nothing
/// Takes up to about a second for the costliest patterns.
[[nodiscard]] std::vector<LintFinding> lint(const PolicySettings& settings);

}  // namespace vestibule::policy
