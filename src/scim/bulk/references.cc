#include "scim/bulk/references.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/unicode.h"

namespace vestibule::scim {
namespace {

constexpr std::string_view kPrefix = "bulkId:";

/// Where the bulkId begins when the text, a value of the member `key`, is a reference.
std::optional<std::size_t> bulkIdIn(std::string_view key, std::string_view text) {
  std::size_t start = 0;
  if (equalIgnoringAsciiCase(key, "$ref")) {
    const std::size_t slash = text.rfind('/');
    if (slash != std::string_view::npos) start = slash + 1;
  }
  if (text.substr(start, kPrefix.size()) != kPrefix) return std::nullopt;
  start += kPrefix.size();
  if (start == text.size()) return std::nullopt;
  return start;
}

/// Calls `visit(text, start, place)` for every reference in the value of the member `key`. `Json`
/// is json::Value or the same and const.
template <typename Json, typename Visit>
void forEachReference(Json& value, std::string_view key, const std::string& place,
                      const Visit& visit) {
  if (auto* text = value.string()) {
    if (const auto start = bulkIdIn(key, *text)) visit(*text, *start, place);
  } else if (auto* array = value.array()) {
    for (auto& element : *array) forEachReference(element, key, place, visit);
  } else if (auto* object = value.object()) {
    for (auto& member : *object) {
      std::string inner = place;
      if (!inner.empty()) inner += '.';
      forEachReference(member.value, member.key, inner += member.key, visit);
    }
  }
}

bool refersTo(const json::Value& value, std::string_view key,
              const std::set<std::string, std::less<>>& bulk_ids) {
  bool found = false;
  forEachReference(value, key, "",
                   [&](std::string_view text, std::size_t start, const std::string&) {
                     found = found || bulk_ids.count(text.substr(start)) > 0;
                   });
  return found;
}

/// Whether a resource may be made without this attribute. Required values cannot wait, and with
/// them no element of theirs.
bool canWait(const Schema& schema, std::string_view name) {
  const Attribute* attribute = schema.find(name);
  return attribute == nullptr || !attribute->required;
}

json::Object takeFrom(json::Object& members, const std::set<std::string, std::less<>>& bulk_ids) {
  json::Object taken;
  auto& list = members.members();
  for (auto member = list.begin(); member != list.end();) {
    if (!refersTo(member->value, member->key, bulk_ids)) {
      ++member;
      continue;
    }
    json::Array* elements = member->value.array();
    if (elements == nullptr) {
      taken.set(member->key, std::move(member->value));
      member = list.erase(member);
      continue;
    }
    const auto referring = std::stable_partition(
        elements->begin(), elements->end(),
        [&](const json::Value& element) { return !refersTo(element, member->key, bulk_ids); });
    taken.set(member->key, json::Array(std::make_move_iterator(referring),
                                       std::make_move_iterator(elements->end())));
    elements->erase(referring, elements->end());
    ++member;
  }
  return taken;
}

}  // namespace

std::vector<BulkReference> bulkReferences(const BulkOperation& operation) {
  std::vector<BulkReference> references;
  if (const auto start = bulkIdIn("", operation.id)) {
    references.push_back({operation.id.substr(*start), "path", false});
  }
  const auto collect = [&](const json::Value& value, std::string_view key, const std::string& place,
                           bool can_wait) {
    forEachReference(value, key, place,
                     [&](std::string_view text, std::size_t start, const std::string& where) {
                       references.push_back({std::string(text.substr(start)), where, can_wait});
                     });
  };
  const json::Object* data = operation.data.object();
  if (data == nullptr) return references;
  const bool creates = operation.method == BulkMethod::kPost && operation.type != nullptr;
  for (const json::Member& member : *data) {
    const Schema* extension = creates ? operation.type->findExtension(member.key) : nullptr;
    if (extension == nullptr || !member.value.isObject()) {
      const bool can_wait = creates && canWait(*operation.type->schema, member.key);
      collect(member.value, member.key, member.key, can_wait);
      continue;
    }
    for (const json::Member& inner : *member.value.object()) {
      collect(inner.value, inner.key, member.key + ":" + inner.key, canWait(*extension, inner.key));
    }
  }
  return references;
}

void resolveReferences(BulkOperation& operation, const BulkLookup& id_of) {
  const auto resolve = [&](std::string& text, std::size_t start, const std::string&) {
    const std::string_view id = id_of(std::string_view(text).substr(start));
    if (!id.empty()) text.replace(start - kPrefix.size(), std::string::npos, id);
  };
  if (const auto start = bulkIdIn("", operation.id)) resolve(operation.id, *start, "");
  forEachReference(operation.data, "", "", resolve);
}

json::Object takeReferring(BulkOperation& operation,
                           const std::set<std::string, std::less<>>& bulk_ids) {
  json::Object taken;
  json::Object* data = operation.data.object();
  if (data == nullptr || operation.type == nullptr) return taken;
  for (json::Member& member : *data) {
    if (!member.value.isObject() || operation.type->findExtension(member.key) == nullptr) continue;
    json::Object inner = takeFrom(*member.value.object(), bulk_ids);
    if (!inner.empty()) taken.set(member.key, std::move(inner));
  }
  json::Object outside_extensions = takeFrom(*data, bulk_ids);
  for (json::Member& member : outside_extensions) {
    taken.set(member.key, std::move(member.value));
  }
  return taken;
}

}  // namespace vestibule::scim
