#include "store/feed_walk.h"

#include <algorithm>

#include "json/parse.h"
#include "json/write.h"

namespace vestibule::store {
namespace {

json::Array numbersOf(const std::vector<DomainNumber>& domains) {
  json::Array numbers;
  for (const auto domain : domains) numbers.emplace_back(unsigned{domain.value()});
  return numbers;
}

std::uint64_t numberAt(const json::Object& object, std::string_view key) {
  const auto* value = object.find(key);
  const auto* number = value == nullptr ? nullptr : value->number();
  const auto read = number == nullptr ? std::nullopt : number->asInt64();
  return read && *read > 0 ? static_cast<std::uint64_t>(*read) : 0;
}

std::vector<DomainNumber> domainsAt(const json::Object& object, std::string_view key) {
  std::vector<DomainNumber> domains;
  const auto* list = object.find(key);
  if (list == nullptr || list->array() == nullptr) return domains;
  for (const json::Value& entry : *list->array()) {
    const auto number = entry.number() == nullptr ? std::nullopt : entry.number()->asInt64();
    if (number && *number > 0 && *number <= UINT16_MAX) {
      domains.emplace_back(static_cast<std::uint16_t>(*number));
    }
  }
  return domains;
}

}  // namespace

std::string walkText(const FeedWalk& walk) {
  // A new stream's number is put in by the statement that stores it, and so is when it begins.
  return json::write(
      json::Object{{"feed", json::Object{{"stream", unsigned{walk.stream}},
                                         {"begins", walk.begins},
                                         {"added", numbersOf(walk.domains.added)},
                                         {"removed", numbersOf(walk.domains.removed)},
                                         {"table", static_cast<std::int64_t>(walk.table)},
                                         {"row", static_cast<std::int64_t>(walk.row)}}}});
}

std::optional<FeedWalk> readWalk(std::string_view text) {
  const auto stored = json::parse(text);
  if (!stored || !stored->isObject()) return std::nullopt;
  const auto* feed = stored->find("feed");
  if (feed == nullptr || !feed->isObject()) return std::nullopt;
  const json::Object& object = *feed->object();
  FeedWalk walk;
  walk.stream = static_cast<EventStreamNumber>(numberAt(object, "stream"));
  walk.begins = static_cast<std::int64_t>(numberAt(object, "begins"));
  walk.domains = {domainsAt(object, "added"), domainsAt(object, "removed")};
  walk.table = std::min<std::uint64_t>(numberAt(object, "table"), kFeedTables - 1);
  walk.row = numberAt(object, "row");
  return walk;
}

}  // namespace vestibule::store
