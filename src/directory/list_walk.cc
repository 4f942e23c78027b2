#include "directory/list_walk.h"

#include <algorithm>
#include <compare>
#include <tuple>
#include <utility>

#include "store/ordered_search.h"
#include "store/search.h"

namespace vestibule::directory {
namespace {

/// Which source a place is of; sources are in this order.
using SourceRank = std::pair<ResourceKind, DomainNumber>;

SourceRank rankOf(const ListSource& source) {
  return {source.kind, source.domain->tables().number};
}
SourceRank rankOf(const ListPlace& place) { return {place.kind, place.domain}; }

store::SearchRequest searchOf(const Context& context, const View& view, const ListSource& source) {
  store::SearchRequest search;
  search.registry = context.registry.get();
  search.type = source.type;
  search.kind = source.kind;
  if (source.filter) search.filter = &*source.filter;
  search.scan_limit = context.limits.scan_limit;
  search.with_groups = source.with_groups;
  search.naming_prefix = view.namingPrefix(*source.domain);
  search.base_url = view.baseUrl();
  return search;
}

/// One source after the other, each in creation order.
class PlainWalk {
 public:
  PlainWalk(const Context& context, const View& view, const ListWalk& walk)
      : context_(context), view_(view), walk_(walk) {}

  Result<ListPage> read() {
    // By cursor one more is read, to know whether there is more.
    const std::uint64_t wanted = walk_.by_cursor && walk_.count > 0 ? walk_.count + 1 : walk_.count;
    const bool with_total = !walk_.by_cursor || (!walk_.after && allCounted());
    std::uint64_t total = 0;
    for (const auto& source : walk_.sources) {
      auto search = searchOf(context_, view_, source);
      if (walk_.by_cursor) {
        if (walk_.after && rankOf(source) < rankOf(*walk_.after)) continue;
        if (walk_.after && rankOf(source) == rankOf(*walk_.after)) {
          search.after = walk_.after->position.seq;
        }
      } else {
        // `total` resources of earlier sources stand before this one's first.
        search.skip = walk_.skip > total ? walk_.skip - total : 0;
      }
      search.count = wanted - page_.resources.size();
      search.with_total = with_total;
      if (!with_total && search.count == 0) break;
      auto found = context_.database->read([&](store::Session& session) {
        return store::search(session, source.domain->tables(), search);
      });
      if (!found) return propagate(found);
      total += found->total;
      take(source, *std::move(found));
    }
    if (with_total) page_.total = total;
    if (walk_.by_cursor && page_.resources.size() > walk_.count) {
      page_.resources.pop_back();
      places_.pop_back();
      page_.next = std::move(places_.back());
    }
    return std::move(page_);
  }

 private:
  [[nodiscard]] bool allCounted() const {
    return std::all_of(walk_.sources.begin(), walk_.sources.end(), [&](const auto& source) {
      return store::isCountedByIndex(source.domain->tables(), searchOf(context_, view_, source));
    });
  }

  void take(const ListSource& source, store::SearchPage found) {
    for (std::size_t i = 0; i < found.resources.size(); ++i) {
      ListPlace place{source.kind, source.domain->tables().number, {}};
      place.position.seq = found.rows[i];
      page_.resources.push_back({&source, std::move(found.resources[i])});
      places_.push_back(std::move(place));
    }
  }

  const Context& context_;
  const View& view_;
  const ListWalk& walk_;
  std::vector<ListPlace> places_;  ///< of the page's resources
  ListPage page_;
};

/// All sources in one order.
class SortedWalk {
 public:
  SortedWalk(const Context& context, const View& view, const ListWalk& walk)
      : context_(context), view_(view), walk_(walk) {}

  Result<ListPage> read() {
    const bool single = walk_.sources.size() == 1;
    const bool with_total = !walk_.by_cursor || !walk_.after;
    std::uint64_t wanted = walk_.count;
    std::uint64_t skip_here = 0;
    if (walk_.count > 0) {
      if (walk_.by_cursor) {
        wanted += 1;
      } else if (!single) {
        // Where the page begins in each source is not known: all of them are merged from the start.
        skip_here = walk_.skip;
        wanted += walk_.skip;
      }
    }
    if (wanted > context_.limits.scan_limit && skip_here > 0) {
      return failure(ErrorKind::kTooMany,
                     "the page is too deep in a sorted list over several domains: ask for one "
                     "domain, or use a cursor");
    }
    std::uint64_t total = 0;
    std::vector<Place> places;
    for (std::size_t i = 0; i < walk_.sources.size(); ++i) {
      auto found = positionsIn(walk_.sources[i], wanted, single ? walk_.skip : 0, with_total);
      if (!found) return propagate(found);
      total += found->total;
      for (auto& position : found->positions) places.push_back({std::move(position), i});
    }
    arrange(places, skip_here, wanted);
    ListPage page;
    if (with_total) page.total = total;
    if (walk_.by_cursor && places.size() > walk_.count) {
      places.resize(walk_.count);
      const ListSource& source = walk_.sources[places.back().source];
      page.next = ListPlace{source.kind, source.domain->tables().number, places.back().position};
    }
    if (auto read = readAt(places, page); !read) return propagate(read);
    return page;
  }

 private:
  struct Place {
    store::Position position;
    std::size_t source = 0;
  };

  Result<store::OrderedPage> positionsIn(const ListSource& source, std::uint64_t wanted,
                                         std::uint64_t skip, bool with_total) {
    store::OrderedRequest request;
    request.search = searchOf(context_, view_, source);
    request.search.skip = walk_.by_cursor ? 0 : skip;
    request.search.count = wanted;
    request.search.with_total = with_total;
    request.by = source.by;
    request.descending = walk_.descending;
    if (walk_.after) {
      request.after = walk_.after->position;
      const auto order = rankOf(source) <=> rankOf(*walk_.after);
      // Of equal values those of later sources come later.
      if (std::is_gt(order)) request.after->seq = store::kBeforeAllRows;
      if (std::is_lt(order)) request.after->seq = store::kBehindAllRows;
    }
    return context_.database->read([&](store::Session& session) {
      return store::orderedSearch(session, source.domain->tables(), request);
    });
  }

  void arrange(std::vector<Place>& places, std::uint64_t skip, std::uint64_t wanted) const {
    if (walk_.sources.size() > 1) {
      const auto key = [](const Place& place) {
        return std::tie(place.position.absent, place.position.key, place.source,
                        place.position.seq);
      };
      std::sort(places.begin(), places.end(), [&](const Place& left, const Place& right) {
        return walk_.descending ? key(right) < key(left) : key(left) < key(right);
      });
    }
    const auto from = std::min<std::uint64_t>(skip, places.size());
    const auto to = std::min<std::uint64_t>(wanted, places.size());
    places.erase(places.begin() + static_cast<std::ptrdiff_t>(to), places.end());
    places.erase(places.begin(), places.begin() + static_cast<std::ptrdiff_t>(from));
  }

  /// Reads the resources of the page, source by source, and puts them in order again.
  Result<void> readAt(const std::vector<Place>& places, ListPage& page) {
    std::vector<std::optional<store::StoredUser>> resources(places.size());
    for (std::size_t i = 0; i < walk_.sources.size(); ++i) {
      const ListSource& source = walk_.sources[i];
      std::vector<std::size_t> indexes;
      std::vector<std::uint64_t> rows;
      for (std::size_t at = 0; at < places.size(); ++at) {
        if (places[at].source != i) continue;
        indexes.push_back(at);
        rows.push_back(places[at].position.seq);
      }
      if (rows.empty()) continue;
      auto found = context_.database->read([&](store::Session& session) {
        return store::readResources(session, source.domain->tables(), source.kind, rows,
                                    source.with_groups);
      });
      if (!found) return propagate(found);
      for (std::size_t at = 0; at < indexes.size(); ++at) {
        resources[indexes[at]] = std::move((*found)[at]);
      }
    }
    for (std::size_t at = 0; at < places.size(); ++at) {
      if (!resources[at]) continue;
      page.resources.push_back({&walk_.sources[places[at].source], *std::move(resources[at])});
    }
    return {};
  }

  const Context& context_;
  const View& view_;
  const ListWalk& walk_;
};

}  // namespace

Result<ListPage> readListPage(const Context& context, const View& view, const ListWalk& walk) {
  if (walk.sorted) return SortedWalk(context, view, walk).read();
  return PlainWalk(context, view, walk).read();
}

}  // namespace vestibule::directory
