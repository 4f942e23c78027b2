#pragma once
// What the answers to gateways and proxies share.

#include <string>
#include <string_view>

#include "base/result.h"
#include "http/correlation.h"
#include "http/exchange.h"
#include "jit/identity_provider.h"
#include "json/value.h"

namespace vestibule::http {

/// An answer that nobody stores, with its correlation id.
[[nodiscard]] Response jitAnswer(int status, std::string_view content_type, std::string body,
                                 const std::string& correlation_id);

/// The failure as an RFC 9457 object (docs/jit-codes.md). What went wrong inside stays in the log.
[[nodiscard]] json::Object jitProblem(const Error& error, int status, jit::OnFailure on_failure,
                                      const std::string& correlation_id);

/// The answer to a failure, which is logged: with the status of its kind, or another.
[[nodiscard]] Response jitFailure(const Error& error, jit::OnFailure on_failure,
                                  const std::string& correlation_id);
[[nodiscard]] Response jitFailure(const Error& error, int status, jit::OnFailure on_failure,
                                  const std::string& correlation_id);

}  // namespace vestibule::http
