#pragma once
// The source's side of a move of a domain to another installation: a fence behind which no process
// writes to it, whatever it knows of the domain.
//
//  - announced (active -> moving): servers that have heard of it refuse writes (kUnavailable) and
//    go on reading;
//  - fenced: the tables get another schema (domain_fence.h); who has not heard of the move finds no
//    table any more;
//  - moved (moving -> moved): the target serves the domain, here nobody does.
//
// The new place of the tables is told together with the state, so who knows the place knows that it
// is not to be written to. Each step is harmless to repeat; the caller holds SchemaLock.

#include <string>

#include "base/result.h"
#include "base/strong.h"
#include "store/audit_event.h"
#include "store/database.h"
#include "store/domain_store.h"

namespace vestibule::store {

/// The domain of this name. Error kNotFound.
[[nodiscard]] Result<DomainRow> readDomain(Session& session, const std::string& control_schema,
                                           const DomainName& name);

/// From `active` to `moving`; never of PRIMARY. Error kNotFound; kConflict in any other state.
[[nodiscard]] Result<DomainRow> beginMove(Session& session, const std::string& control_schema,
                                          const DomainName& name, const AuditEvent& event);

/// Puts the fence up. Error kUnavailable when transactions on the domain did not end within 20 s.
[[nodiscard]] Result<DomainRow> raiseFence(Session& session, const std::string& control_schema,
                                           const DomainName& name);

/// Takes the fence away and makes the domain `active` again. Error kConflict in any other state but
/// `moving` and `active`.
[[nodiscard]] Result<void> abortMove(Session& session, const std::string& control_schema,
                                     const DomainName& name, const AuditEvent& event);

/// From `moving` to `moved`: what is left is kept until the domain is deleted.
[[nodiscard]] Result<void> finishMove(Session& session, const std::string& control_schema,
                                      const DomainName& name, const AuditEvent& event);

}  // namespace vestibule::store
