#pragma once
// What is kept of a decision or a change: who asked for what, about whom, and what came of it.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/resource_id.h"
#include "base/strong.h"
#include "store/announcement.h"
#include "store/consent_store.h"
#include "store/operation_store.h"
#include "store/prompt_store.h"

namespace vestibule::store {

/// A user store domain as it was called then.
struct AuditDomain {
  DomainNumber number;
  DomainName name;
};

using OutboundTargetNumber = std::uint32_t;

/// One row of the audit. Holds names of attributes and never their values. What does not apply
/// stays empty.
struct AuditEvent {
  Timestamp occurred = 0;
  std::string correlation_id;  ///< of the request; at most 64 ASCII characters
  std::string action;          ///< what was done to what, such as `jit.created`; at most 64
  std::string actor_id;        ///< the token that asked; at most 64
  std::string actor_name;
  std::string identity_provider;  ///< its name: the row outlives it
  Subject subject;                ///< at most 1020 bytes
  std::optional<AuditDomain> domain;
  std::optional<ResourceId> resource;  ///< the user it is about
  std::optional<Version> version_before;
  std::optional<Version> version_after;
  std::string target;                   ///< the name of what is no resource, such as a token
  std::string code;                     ///< of a refusal
  std::vector<std::string> attributes;  ///< names of those that changed
  std::vector<std::string> granted;     ///< groups that the identity provider grants from now on
  std::vector<std::string> revoked;     ///< groups that it grants no more
  std::string trace;                    ///< a JSON array of steps
  /// No part of the row: the outbound targets that have to look at `resource` because of it
  /// (outbound_store.h). It is marked for them in the same transaction.
  std::vector<OutboundTargetNumber> outbound;
  /// Has the change go to the event streams as well; nothing: none of them wants it.
  std::optional<Announcement> announcement = {};
};

struct GuardRails;
struct ImportBatchMark;

/// An event that is stored in the transaction of the change that it tells of, and where.
struct ChangeAudit {
  std::string control_schema;
  const AuditEvent& event;
  /// What the change takes away is counted by these, in the same transaction; null: by none.
  const GuardRails* rails = nullptr;
  /// That the change has come of a line of an import; null: of none. Only insertGroup stores it.
  const ImportBatchMark* mark = nullptr;
};

/// Who changes settings that keep a history.
struct ChangedBy {
  std::string text;                   ///< as the history shows it; at most 300 characters
  const AuditEvent* event = nullptr;  ///< goes into the audit with the change; null: none does
};

/// What is stored of a login in the transaction of its writes.
struct LoginRecord {
  std::optional<AuditEvent> audit;
  /// The end of the operation that the login is run for. Where its lease is lost, nothing of the
  /// login is stored: somebody else runs it.
  std::optional<OperationEnd> operation;
  /// The end of the prompt whose answers the login goes on with; never beside `operation`. Where
  /// the prompt has ended before, nothing of the login is stored.
  std::optional<PromptEnd> prompt;
  /// What the user agreed to and refused in the prompt that the login follows.
  std::optional<ConsentRecord> consent;
};

}  // namespace vestibule::store
