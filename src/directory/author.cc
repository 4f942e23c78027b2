#include "directory/author.h"

#include <cstdint>

#include "base/crypto.h"
#include "base/encoding.h"

namespace vestibule::directory {

Author commandLine() { return {"", "cli", toHex(randomBytes(8))}; }

Principal commandLinePrincipal() {
  Principal principal;
  principal.name = commandLine().name;
  for (const Scope scope : {Scope::kScimRead, Scope::kScimWrite, Scope::kScimPrivileged}) {
    principal.scopes |= static_cast<std::uint8_t>(scope);
  }
  return principal;
}

store::AuditEvent eventOf(const Author& author, std::string_view action, std::string_view target,
                          Timestamp time) {
  store::AuditEvent event;
  event.occurred = time;
  event.correlation_id = author.correlation_id;
  event.action = action;
  event.actor_id = author.id;
  event.actor_name = author.name;
  event.target = target;
  return event;
}

}  // namespace vestibule::directory
