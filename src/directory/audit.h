#pragma once
// The audit as it is asked: by whom, about whom, when.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "directory/context.h"
#include "directory/principal.h"
#include "json/value.h"
#include "store/audit_store.h"

namespace vestibule::directory {

/// What is looked for, as a query or a command line says it; what is absent does not matter.
struct AuditFilter {
  std::optional<std::string> correlation_id;
  std::optional<std::string> user;               ///< its id
  std::optional<std::string> resource;           ///< the id of any resource; not with a user
  std::optional<std::string> identity_provider;  ///< its name, also of one that is gone
  std::optional<std::string> subject;            ///< only with an identity provider
  std::optional<std::string> action;
  std::optional<std::string> from;    ///< RFC 3339; this moment is in
  std::optional<std::string> to;      ///< RFC 3339; this one is not
  std::optional<std::string> count;   ///< 1 to kMostAuditEvents; kUsualAuditEvents without it
  std::optional<std::string> cursor;  ///< of the page before, with the same filter
};

inline constexpr std::uint64_t kUsualAuditEvents = 100;
inline constexpr std::uint64_t kMostAuditEvents = 1'000;

/// A page, newest first, without traces. A page may be short, or empty, and still have a cursor.
struct AuditList {
  std::vector<store::AuditEvent> events;
  std::string cursor;  ///< of the next page; empty: there is none
};

/// Reads a page. Errors kInvalidValue for a filter that cannot be one, with its name as the
/// attribute; kInvalidCursor.
[[nodiscard]] Result<AuditList> listAudit(const Context& context, const AuditFilter& filter);

/// The events of one request, newest first and with their traces, at most `count`.
[[nodiscard]] Result<std::vector<store::AuditEvent>> auditOfRequest(const Context& context,
                                                                    std::string_view correlation_id,
                                                                    std::uint64_t count);

/// Whether a caller may see the event: everything, or what was about its domains, or what it asked
/// itself when that came to no domain.
[[nodiscard]] bool maySee(const Principal& principal, const store::AuditEvent& event);

/// `{"at","correlationId","action","actor":{"id","name"},"identityProvider","subject","domain",
/// "user" or
/// "resource","target","versionBefore","versionAfter","code","attributes","granted","revoked","trace"}`.
/// What does not apply is left out.
[[nodiscard]] json::Object describeAuditEvent(const store::AuditEvent& event);

}  // namespace vestibule::directory
