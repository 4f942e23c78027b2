#pragma once
// The option that says what stands between the fields of CSV. Export and import have it.

#include <string>

#include "app/command.h"

namespace vestibule::app {

/// Adds `--separator` to the command: one character of ASCII, no quote and nothing up to the space,
/// or the word `tab`. What is given is stored in `into`.
void addSeparatorOption(Command command, std::string& into);

/// The character that a value of the option stands for.
[[nodiscard]] char separatorOf(const std::string& value);

}  // namespace vestibule::app
