#pragma once
// PATCH (RFC 7644 §3.5.2): request → operations (tolerances applied, paths bound) → a changed copy,
// all or nothing.

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "json/value.h"
#include "scim/filter/filter.h"
#include "scim/resource/validate.h"
#include "scim/schema/registry.h"
#include "scim/tolerance/tolerances.h"

namespace vestibule::scim {

enum class PatchVerb : std::uint8_t { kAdd, kRemove, kReplace };

/// One operation with its path bound. Path-less operations were split into one per member of their
/// value.
struct PatchOperation {
  PatchVerb verb = PatchVerb::kAdd;
  AttributeRef attribute;  ///< attribute, or attribute and sub; `attribute.attribute` is null with
                           ///< `whole_extension`
  std::optional<BoundFilter> selection;  ///< the inside of `attribute[…]`; then `attribute.sub` is
                                         ///< what stands behind the bracket
  std::vector<AttributeRef> implied;  ///< the sub-attributes that equality in `selection` fixes:
                                      ///< what an element has that is made because there was none
  std::vector<json::Value> implied_values;
  const Schema* whole_extension =
      nullptr;  ///< remove everything in this extension: the path was its URN alone
  std::optional<json::Value> value;  ///< as sent; canonicalised when applied
  std::size_t position = 1;  ///< which operation of the request this is (part of), for error texts
};

/// At most this many operations in one request.
inline constexpr std::size_t kMaxPatchOperations = 1'000;
/// At most this many elements may be compared by all operations together: each counts once for
/// every term of a filter, and once more for every 64 bytes of its texts.
inline constexpr std::size_t kMaxPatchWork = 1'000'000;
/// At most this many bytes may be written by all operations together, so that a value copied to
/// many elements cannot make a huge resource.
inline constexpr std::size_t kMaxPatchBytes = std::size_t{8} * 1024 * 1024;

/// Reads a PatchOp message for `type`. Error kInvalidSyntax (no PatchOp schema, no operations,
/// unknown op), kInvalidPath, kInvalidFilter, kNoTarget (remove without path), kMutability
/// (readOnly target), kInvalidValue, kPayloadTooLarge (too many operations). `op` is read without
/// case. `schemas` follows the values by itself, so an operation on it is checked and makes no
/// PatchOperation. `dropped`, when given, receives the names that a tolerance ignored, for the log.
[[nodiscard]] Result<std::vector<PatchOperation>> parsePatch(
    const Registry& registry, const ResourceType& type, const json::Value& body,
    Tolerating tolerating = {}, std::vector<std::string>* dropped = nullptr);

/// Applies operations in order to a copy of the canonical resource (the matrix F10–F46 of
/// scim-protocol-map). The result is canonical and valid; equal to `current` when nothing changed.
/// Operations on relations must have been taken out. Errors as parsePatch, those of validation,
/// kTooMany beyond kMaxPatchWork and kPayloadTooLarge beyond kMaxPatchBytes.
[[nodiscard]] Result<json::Object> applyPatch(const Registry& registry, const ResourceType& type,
                                              const json::Object& current,
                                              const std::vector<PatchOperation>& operations,
                                              Tolerating tolerating = {},
                                              const ResourceLimits& limits = {});

/// One step of a membership change, in the order of the request.
struct MemberStep {
  enum class Kind : std::uint8_t { kAdd, kRemove, kRemoveMatching, kReplaceAll, kRemoveAll };
  Kind kind = Kind::kAdd;
  std::vector<std::string> values;      ///< ids as sent, each once
  std::optional<BoundFilter> matching;  ///< kRemoveMatching: a filter that is not just `value eq …`
};

/// A group PATCH taken apart: membership as row operations, the rest as operations on the stored
/// JSON.
struct GroupPatch {
  std::vector<MemberStep> members;
  std::vector<PatchOperation> rest;
};

/// Takes the operations on the relation `relation` (`members`) out. `remove members` with a value
/// list removes only the listed ones (Entra), `members[value eq "x"]` and `or` of such become
/// kRemove; with the tolerance `members_replace_adds` a `replace` by a list that is not empty
/// becomes kAdd. Error kMutability for a change of an element's sub-attribute, kInvalidValue for a
/// member without a `value`.
[[nodiscard]] Result<GroupPatch> splitMembership(const Attribute& relation,
                                                 std::vector<PatchOperation> operations,
                                                 Tolerating tolerating = {});

/// The `value`s of a `members` array as POST and PUT carry it. Errors as above.
[[nodiscard]] Result<std::vector<std::string>> memberValues(const json::Value& members);

}  // namespace vestibule::scim
