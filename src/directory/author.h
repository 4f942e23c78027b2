#pragma once
// Who changes what is no user and no group: domains, tokens, identity providers.

#include <string>
#include <string_view>

#include "base/clock.h"
#include "directory/principal.h"
#include "store/audit_event.h"

namespace vestibule::directory {

/// Who asks for a change, and by which id its request is found in log and audit.
struct Author {
  std::string id;    ///< of the token; empty at the command line
  std::string name;  ///< of the token; `cli` at the command line
  std::string correlation_id;
};

/// Whoever runs the command line, with a correlation id of its own.
[[nodiscard]] Author commandLine();

/// The same as one who may do everything over SCIM, which no guard-rail counts.
[[nodiscard]] Principal commandLinePrincipal();

/// The event that the author does `action`, such as `token.created`, to what is called `target`.
[[nodiscard]] store::AuditEvent eventOf(const Author& author, std::string_view action,
                                        std::string_view target, Timestamp time);

}  // namespace vestibule::directory
