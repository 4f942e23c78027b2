#pragma once
// `vestibule check`: what an operator should know before users do.

#include "app/stack.h"

namespace vestibule::app {

/// Prints findings on the files of TLS, the database, the policies of every domain and every
/// identity provider; an array of `{severity, where, code, text}` with `json`. Returns 1 when any
/// is an error, else 0.
[[nodiscard]] int check(const Config& config, Stack& stack, bool json);

}  // namespace vestibule::app
