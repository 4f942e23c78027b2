#pragma once
// A migration file as a list of statements. Private to store/.

#include <string>
#include <string_view>
#include <vector>

namespace vestibule::store {

/// The steps of a file: its text split at lines that hold only `--;`, without white space at either
/// end.
[[nodiscard]] std::vector<std::string> stepsOf(std::string_view sql);

/// The step with the quoted schemas put in for `{schema}` and `{control}`.
[[nodiscard]] std::string stepFor(std::string_view step, const std::string& schema,
                                  const std::string& control_schema);

}  // namespace vestibule::store
