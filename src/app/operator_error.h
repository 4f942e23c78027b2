#pragma once
// Errors that only the operator sees: at start, on the command line and in the log. Their text may
// name paths and settings.

#include <string>
#include <system_error>
#include <utility>

#include "base/result.h"

namespace vestibule::app {

/// An error whose text is for the operator: it goes into `internal`, never to a client.
[[nodiscard]] inline Error operatorError(ErrorKind kind, std::string text) {
  return {kind, "the server is not set up correctly", std::move(text), {}, {}};
}

/// The same as a failure.
[[nodiscard]] inline tl::unexpected<Error> operatorFailure(ErrorKind kind, std::string text) {
  return tl::make_unexpected(operatorError(kind, std::move(text)));
}

/// What the operator should read of an error.
[[nodiscard]] inline const std::string& operatorText(const Error& error) {
  return error.internal.empty() ? error.detail : error.internal;
}

/// What the system says to an `errno`.
[[nodiscard]] inline std::string systemMessage(int error) {
  return std::error_code(error, std::generic_category()).message();
}

}  // namespace vestibule::app
