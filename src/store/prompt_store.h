#pragma once
// Prompts: logins that wait for what a person answers. The row is found by the digest of a ticket
// that only the person's browser has, and by an id that the gateway has. It ends in the transaction
// of the login that was answered, or is declined, once.

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/resource_id.h"
#include "base/result.h"
#include "base/strong.h"

namespace vestibule::store {

class Session;
struct AuditEvent;

/// The random name of a prompt: 16 bytes. It opens nothing.
using PromptId = Strong<struct PromptIdTag, std::string>;
/// SHA-256 of a ticket: 32 bytes.
using TicketDigest = Strong<struct TicketDigestTag, std::string>;

/// Values of the column `state`.
enum class PromptState : std::uint8_t {
  kOpen = 1,  ///< may be answered until it expires
  kDone = 2,  ///< was answered or declined
};

/// A prompt to be stored.
struct NewPrompt {
  PromptId id;
  TicketDigest ticket;
  std::string token_id;           ///< of the gateway: 32 hexadecimal digits
  std::string identity_provider;  ///< by name
  Subject subject;
  std::string correlation_id;
  std::string request;     ///< the login, as whoever goes on with it reads it
  std::string return_url;  ///< empty: none
  Timestamp created = 0;
  Timestamp expires = 0;
};

/// A prompt as stored.
struct Prompt {
  std::uint64_t seq = 0;
  PromptId id;
  PromptState state = PromptState::kOpen;
  std::uint32_t tries = 0;
  std::string token_id;
  std::string identity_provider;
  Subject subject;
  std::string correlation_id;
  std::optional<std::string> request;  ///< nothing once it is done
  std::string return_url;
  std::optional<std::string> outcome;  ///< once it is done
  std::optional<DomainNumber> domain;
  std::optional<ResourceId> user;
  std::string code;  ///< of a refusal; empty: none
  std::string detail;
  Timestamp created = 0;
  Timestamp expires = 0;
  std::optional<Timestamp> finished;
};

/// How a prompt ends.
struct PromptEnd {
  std::uint64_t seq = 0;
  std::string outcome;
  std::optional<DomainNumber> domain;
  std::optional<ResourceId> user;
  std::string code;
  std::string detail;
};

/// Stores a prompt, with the event that says so, in one transaction.
[[nodiscard]] Result<void> insertPrompt(Session& session, const std::string& control_schema,
                                        const NewPrompt& prompt, const AuditEvent& event);

/// The prompt of this ticket, or of this id. One query.
[[nodiscard]] Result<std::optional<Prompt>> findPrompt(Session& session,
                                                       const std::string& control_schema,
                                                       const TicketDigest& ticket);
[[nodiscard]] Result<std::optional<Prompt>> findPrompt(Session& session,
                                                       const std::string& control_schema,
                                                       const PromptId& id);

/// Counts one more try at an open prompt; false when there were `most` already. One query.
[[nodiscard]] Result<bool> countTry(Session& session, const std::string& control_schema,
                                    std::uint64_t seq, std::uint32_t most);

/// Ends a prompt, with the event that says so where there is one, in one transaction. False when it
/// has ended before: then nothing is stored.
[[nodiscard]] Result<bool> endPrompt(Session& session, const std::string& control_schema,
                                     const PromptEnd& end, const AuditEvent* event, Timestamp now);

/// How many prompts may be answered now. Reads those that have not expired.
[[nodiscard]] Result<std::uint64_t> countOpenPrompts(Session& session,
                                                     const std::string& control_schema,
                                                     Timestamp now);

/// Removes prompts that expired before `before`, up to kRowsRemovedAtOnce; returns how many.
[[nodiscard]] Result<std::uint64_t> removeOldPrompts(Session& session,
                                                     const std::string& control_schema,
                                                     Timestamp before);

}  // namespace vestibule::store
