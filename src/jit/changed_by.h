#pragma once
// Who changes settings, as their history shows it.

#include <string>

#include "directory/author.h"
#include "store/audit_event.h"

namespace vestibule::jit {

/// `cli` for the operator at the command line, else `token:` and the name of the API token. `event`
/// goes into the audit with the change, and has to live until it is stored.
[[nodiscard]] inline store::ChangedBy changedBy(const directory::Author& author,
                                                const store::AuditEvent& event) {
  return {author.id.empty() ? author.name : "token:" + author.name, &event};
}

}  // namespace vestibule::jit
