#pragma once
// Consent purposes as rows of the control schema. Every change raises `revision` in its own
// transaction and keeps the version before it: people have agreed to it. Run changes by
// Database::write.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "store/database.h"

namespace vestibule::store {

struct AuditEvent;
struct ChangedBy;

/// Permanent; never used again.
using ConsentPurposeNumber = std::uint32_t;

/// The purpose that the migration makes and nobody can delete (`DEFAULT`).
inline constexpr ConsentPurposeNumber kDefaultPurposeNumber = 1;

/// What a purpose says, as it is stored.
struct ConsentPurposeText {
  std::string settings;  ///< JSON object as the admin API shows it
  /// JSON object: for each attribute (empty: the purpose as a whole) the version in which its terms
  /// changed last.
  std::string terms;
};

/// A purpose as stored.
struct ConsentPurposeRow {
  ConsentPurposeNumber number = 0;
  std::string name;
  ConsentPurposeText text;
  std::uint32_t version = 0;
  Timestamp created = 0;
  Timestamp modified = 0;
};

/// What a purpose was.
struct ConsentPurposeVersion {
  std::uint32_t version = 0;
  ConsentPurposeText text;
  Timestamp changed = 0;
  std::string changed_by;
};

/// The version that a new purpose of this name gets: 1, or the one behind the last that the name
/// has had, so that an answer to what was deleted is none to what took its place. One query.
[[nodiscard]] Result<std::uint32_t> nextPurposeVersion(Session& session,
                                                       const std::string& control_schema,
                                                       const std::string& name);

/// Stores a new purpose in the version that nextPurposeVersion gave. Error kUniqueness (attribute
/// `name`) when there is one of this name; kVersionMismatch when the name has had that version
/// meanwhile.
[[nodiscard]] Result<ConsentPurposeRow> insertConsentPurpose(
    Session& session, const std::string& control_schema, const std::string& name,
    std::uint32_t version, const ConsentPurposeText& text, const ChangedBy& changed_by);

/// Replaces what the purpose says when `expected` is the stored version; its version is one more.
/// Error kVersionMismatch, kNotFound.
[[nodiscard]] Result<ConsentPurposeRow> updateConsentPurpose(
    Session& session, const std::string& control_schema, const std::string& name,
    std::uint32_t expected, const ConsentPurposeText& text, const ChangedBy& changed_by);

/// Deletes it; its versions stay, and what people decided. Error kNotFound; kVersionMismatch when
/// it is not in the version `expected`, if given; kConflict for kDefaultPurposeNumber and while
/// settings of identity providers name it.
[[nodiscard]] Result<void> deleteConsentPurpose(Session& session, const std::string& control_schema,
                                                const std::string& name,
                                                std::optional<std::uint32_t> expected,
                                                const AuditEvent* event = nullptr);

/// All versions of a purpose, newest first. One query.
[[nodiscard]] Result<std::vector<ConsentPurposeVersion>> consentPurposeVersions(
    Session& session, const std::string& control_schema, ConsentPurposeNumber number);

}  // namespace vestibule::store
