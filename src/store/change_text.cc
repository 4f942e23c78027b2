#include "store/change_text.h"

#include <utility>

#include "base/encoding.h"
#include "json/parse.h"
#include "json/write.h"

namespace vestibule::store {
namespace {

json::Array idsOf(const std::vector<ResourceId>& ids) {
  json::Array texts;
  texts.reserve(ids.size());
  for (const auto& id : ids) texts.emplace_back(id.text());
  return texts;
}

std::vector<ResourceId> readIds(const json::Value* list) {
  std::vector<ResourceId> ids;
  if (list == nullptr || list->array() == nullptr) return ids;
  for (const json::Value& text : *list->array()) {
    const auto id = text.isString() ? ResourceId::parse(*text.string()) : std::nullopt;
    if (id) ids.push_back(*id);
  }
  return ids;
}

std::optional<MembersTold> readMembers(const json::Value* members) {
  if (members == nullptr || !members->isObject()) return std::nullopt;
  if (const auto* all = members->find("all")) return MembersTold{readIds(all), {}, true};
  return MembersTold{readIds(members->find("add")), readIds(members->find("remove")), false};
}

/// The bytes of an id in hexadecimal digits, as HEX() writes them.
std::optional<ResourceId> readHexId(const json::Value& text) {
  constexpr std::size_t kDigits = 32;
  if (!text.isString() || text.string()->size() != kDigits) return std::nullopt;
  std::string bytes;
  for (std::size_t i = 0; i < kDigits; i += 2) {
    const int high = hexDigit((*text.string())[i]);
    const int low = hexDigit((*text.string())[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes += static_cast<char>(high * 16 + low);
  }
  return ResourceId::fromBytes(bytes);
}

std::optional<TouchedGroup> readGroup(const json::Value& entry) {
  constexpr std::size_t kParts = 3;
  const auto* parts = entry.array();
  if (parts == nullptr || parts->size() != kParts) return std::nullopt;
  const auto id = readHexId((*parts)[0]);
  const auto* number = (*parts)[1].number();
  const auto version = number == nullptr ? std::nullopt : number->asInt64();
  if (!id || !version || *version < 0) return std::nullopt;
  TouchedGroup group{*id, Version(static_cast<std::uint64_t>(*version)), std::nullopt};
  const auto* external = (*parts)[2].string();
  if (external != nullptr && external->size() <= kMostExternalIdBytes) {
    group.external_id = *external;
  }
  return group;
}

}  // namespace

std::string changeText(const ToldChange& change) {
  json::Array names(change.attributes.begin(), change.attributes.end());
  if (!change.members) return json::write(names);
  json::Object members;
  if (change.members->all) {
    members.set("all", idsOf(change.members->added));
  } else {
    members.set("add", idsOf(change.members->added));
    members.set("remove", idsOf(change.members->removed));
  }
  return json::write(
      json::Object{{"attributes", std::move(names)}, {"members", std::move(members)}});
}

ToldChange readChange(std::string_view text) {
  ToldChange change;
  const auto stored = json::parse(text);
  if (!stored) return change;
  const json::Value* names = &*stored;
  if (stored->isObject()) {
    names = stored->find("attributes");
    change.members = readMembers(stored->find("members"));
  }
  if (names == nullptr || names->array() == nullptr) return change;
  for (const json::Value& name : *names->array()) {
    if (name.isString()) change.attributes.push_back(*name.string());
  }
  return change;
}

std::optional<TouchedGroups> readTouchedGroups(std::string_view text) {
  const auto stored = json::parse(text);
  if (!stored || !stored->isObject()) return std::nullopt;
  const auto* joined = stored->find("joined");
  const auto* list = joined != nullptr ? joined : stored->find("left");
  if (list == nullptr || list->array() == nullptr) return std::nullopt;
  TouchedGroups touched;
  touched.joined = joined != nullptr;
  touched.groups.reserve(list->array()->size());
  for (const json::Value& entry : *list->array()) {
    if (auto group = readGroup(entry)) touched.groups.push_back(*std::move(group));
  }
  return touched;
}

}  // namespace vestibule::store
