#include "store/ordered_search.h"

#include <algorithm>
#include <functional>

#include "contract/store/store_fixture.h"
#include "json/parse.h"
#include "scim/path/attribute_path.h"
#include "support/scim_schemas.h"

namespace vestibule::store::test {
namespace {

using scim::test::schemas;
using Names = std::vector<std::string>;

class OrderedSearchTest : public StoreTest {
 protected:
  OrderedRequest requestFor(ResourceKind kind, std::string_view by, bool descending) const {
    OrderedRequest request;
    request.search.registry = schemas().registry.get();
    request.search.type = kind == ResourceKind::kUser ? schemas().user : schemas().group;
    request.search.kind = kind;
    request.search.count = 100;
    request.search.base_url = "https://h/scim/v2";
    request.by = valueOf(scim::resolveAttribute(*schemas().registry, *request.search.type, by,
                                                ErrorKind::kInvalidValue));
    request.descending = descending;
    return request;
  }

  Result<OrderedPage> trySearch(const OrderedRequest& request) {
    return database().read(
        [&](Session& session) { return orderedSearch(session, domain(), request); });
  }
  OrderedPage searchFor(const OrderedRequest& request) { return valueOf(trySearch(request)); }

  Names namesOf(ResourceKind kind, const std::vector<Position>& positions) {
    std::vector<std::uint64_t> rows;
    for (const auto& position : positions) rows.push_back(position.seq);
    Names names;
    for (const auto& resource : read([&](Session& session) {
           return readResources(session, domain(), kind, rows, false);
         })) {
      if (!resource) continue;
      const auto document = valueOf(json::parse(resource->resource.document));
      names.push_back(
          *document.find(kind == ResourceKind::kUser ? "userName" : "displayName")->string());
    }
    return names;
  }

  /// All of a list in one page, checked to be the same page by page and by skipping.
  Names sorted(ResourceKind kind, std::string_view by, bool descending = false,
               const std::string& filter = "") {
    auto request = requestFor(kind, by, descending);
    scim::BoundFilter bound;
    if (!filter.empty()) {
      bound = valueOf(scim::parseFilter(*schemas().registry, *request.search.type, filter));
      request.search.filter = &bound;
    }
    const auto whole = searchFor(request);
    EXPECT_EQ(whole.total, whole.positions.size());
    expectPagesAre(request, whole.positions);
    return namesOf(kind, whole.positions);
  }

  void expectPagesAre(OrderedRequest request, const std::vector<Position>& whole) {
    for (const std::uint64_t size : {1U, 2U, 3U}) {
      request.search.count = size;
      std::vector<Position> walked;
      request.after.reset();
      for (;;) {
        const auto page = searchFor(request);
        EXPECT_EQ(page.total, whole.size());
        if (page.positions.empty()) break;
        walked.insert(walked.end(), page.positions.begin(), page.positions.end());
        request.after = walked.back();
        ASSERT_LE(walked.size(), whole.size());
      }
      EXPECT_EQ(walked, whole) << "by cursor, " << size << " at a time";
      request.after.reset();
      for (std::uint64_t skip = 0; skip <= whole.size() + 1; ++skip) {
        request.search.skip = skip;
        const auto page = searchFor(request);
        const auto from = std::min<std::size_t>(skip, whole.size());
        const auto to = std::min<std::size_t>(from + size, whole.size());
        EXPECT_EQ(page.positions,
                  std::vector<Position>(whole.begin() + static_cast<std::ptrdiff_t>(from),
                                        whole.begin() + static_cast<std::ptrdiff_t>(to)))
            << "by skipping " << skip;
        EXPECT_EQ(page.total, whole.size());
      }
      request.search.skip = 0;
    }
  }

  void addSome() {
    addUser(userOf(
        R"({"userName":"delta","externalId":"E2","title":"b","emails":[{"value":"z@x.org"},{"value":"a@x.org","primary":true}]})"));
    addUser(userOf(R"({"userName":"Alpha","externalId":"e1","title":"B"})"));
    addUser(userOf(R"({"userName":"charlie","title":"a","emails":[{"value":"m@x.org"}]})"));
    addUser(userOf(R"({"userName":"bravo"})"));
    addUser(userOf(R"({"userName":"echo","externalId":"E2","active":true})"));
  }
};

TEST_F(OrderedSearchTest, I2_UserNamesAreSortedWithoutCase) {
  addSome();
  const Names ascending{"Alpha", "bravo", "charlie", "delta", "echo"};
  EXPECT_EQ(sorted(ResourceKind::kUser, "userName"), ascending);
  EXPECT_EQ(sorted(ResourceKind::kUser, "userName", true),
            Names(ascending.rbegin(), ascending.rend()));
}

TEST_F(OrderedSearchTest, I4_WhoHasNoValueIsLastAndFirstDescending) {
  addSome();
  // externalId is caseExact: capitals come first.
  EXPECT_EQ(sorted(ResourceKind::kUser, "externalId"),
            (Names{"delta", "echo", "Alpha", "charlie", "bravo"}));
  EXPECT_EQ(sorted(ResourceKind::kUser, "externalId", true),
            (Names{"bravo", "charlie", "Alpha", "echo", "delta"}));
  EXPECT_EQ(sorted(ResourceKind::kUser, "title"),
            (Names{"charlie", "delta", "Alpha", "bravo", "echo"}));
  EXPECT_EQ(sorted(ResourceKind::kUser, "title", true),
            (Names{"echo", "bravo", "Alpha", "delta", "charlie"}));
}

TEST_F(OrderedSearchTest, I3_OfSeveralValuesThePrimaryOneCounts) {
  addSome();
  EXPECT_EQ(sorted(ResourceKind::kUser, "emails.value"),
            (Names{"delta", "charlie", "Alpha", "bravo", "echo"}));
}

TEST_F(OrderedSearchTest, DatesAndIdsAreOrdersToo) {
  addSome();
  EXPECT_EQ(sorted(ResourceKind::kUser, "meta.created").size(), 5U);
  EXPECT_EQ(sorted(ResourceKind::kUser, "meta.lastModified", true).size(), 5U);
  const auto request = requestFor(ResourceKind::kUser, "id", false);
  auto keys = searchFor(request).positions;
  EXPECT_TRUE(std::is_sorted(keys.begin(), keys.end()));
  EXPECT_EQ(sorted(ResourceKind::kUser, "id", true).size(), 5U);
}

TEST_F(OrderedSearchTest, AFilterDoesNotChangeTheOrder) {
  addSome();
  EXPECT_EQ(sorted(ResourceKind::kUser, "userName", false, R"(title pr)"),
            (Names{"Alpha", "charlie", "delta"}));
  EXPECT_EQ(sorted(ResourceKind::kUser, "userName", true, R"(externalId eq "E2")"),
            (Names{"echo", "delta"}));
  EXPECT_EQ(sorted(ResourceKind::kUser, "externalId", false, R"(not (title eq "b"))"),
            (Names{"echo", "charlie", "bravo"}));
  EXPECT_EQ(sorted(ResourceKind::kUser, "userName", false, R"(id eq "nobody")"), Names{});
}

TEST_F(OrderedSearchTest, GroupsAreSortedLikeUsers) {
  for (const char* name : {"Writers", "admins", "Board"}) addGroup(name);
  EXPECT_EQ(sorted(ResourceKind::kGroup, "displayName"), (Names{"admins", "Board", "Writers"}));
  EXPECT_EQ(sorted(ResourceKind::kGroup, "displayName", true),
            (Names{"Writers", "Board", "admins"}));
  EXPECT_EQ(sorted(ResourceKind::kGroup, "meta.created"), (Names{"Writers", "admins", "Board"}));
}

TEST_F(OrderedSearchTest, NamesOfOneOfSeveralDomainsStandBehindTheirPrefix) {
  addSome();
  auto request = requestFor(ResourceKind::kUser, "userName", false);
  request.search.naming_prefix = "CORP/";
  const auto whole = searchFor(request);
  ASSERT_EQ(whole.positions.size(), 5U);
  EXPECT_TRUE(whole.positions.front().key.starts_with("corp/alpha"));
  expectPagesAre(request, whole.positions);
  // Cursors that stand in other domains.
  request.after = Position{false, "bob", 99};
  EXPECT_EQ(searchFor(request).positions, whole.positions);
  request.after = Position{false, "sales/bob", 1};
  EXPECT_TRUE(searchFor(request).positions.empty());
  request.descending = true;
  EXPECT_EQ(searchFor(request).positions.size(), 5U);
  request.after = Position{false, "bob", 99};
  EXPECT_TRUE(searchFor(request).positions.empty());
}

TEST_F(OrderedSearchTest, WhatWouldTakeTooLongIsRefused) {
  addSome();
  auto request = requestFor(ResourceKind::kUser, "title", false);
  request.search.scan_limit = 4;
  const auto refused = trySearch(request);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kTooMany);
  request.search.scan_limit = 5;
  EXPECT_TRUE(trySearch(request));
  request.search.scan_limit = 1;
  request.by = requestFor(ResourceKind::kUser, "userName", false).by;
  EXPECT_TRUE(trySearch(request)) << "an index has this order";
}

TEST_F(OrderedSearchTest, AnAttributeThatTheTypeDoesNotHaveIsNobodysValue) {
  addSome();
  auto request = requestFor(ResourceKind::kUser, "title", false);
  request.by = {};
  const auto page = searchFor(request);
  EXPECT_EQ(namesOf(ResourceKind::kUser, page.positions),
            (Names{"delta", "Alpha", "charlie", "bravo", "echo"}));
}

TEST_F(OrderedSearchTest, APositionMayStandBeforeOrBehindAllRowsOfItsValue) {
  addSome();
  for (const char* by : {"userName", "externalId", "title", "meta.created"}) {
    for (const bool descending : {false, true}) {
      SCOPED_TRACE(std::string(by) + (descending ? " descending" : ""));
      auto request = requestFor(ResourceKind::kUser, by, descending);
      const auto whole = searchFor(request).positions;
      for (std::size_t i = 0; i < whole.size(); ++i) {
        const auto same = [&](const Position& other) {
          return other.absent == whole[i].absent && other.key == whole[i].key;
        };
        request.after = whole[i];
        request.after->seq = descending ? kBehindAllRows : kBeforeAllRows;
        const auto first = std::find_if(whole.begin(), whole.end(), same);
        EXPECT_EQ(searchFor(request).positions, std::vector<Position>(first, whole.end()));
        request.after->seq = descending ? kBeforeAllRows : kBehindAllRows;
        const auto behind = std::find_if_not(first, whole.end(), same);
        EXPECT_EQ(searchFor(request).positions, std::vector<Position>(behind, whole.end()));
      }
    }
  }
}

TEST_F(OrderedSearchTest, RowsThatAreGoneAreLeftOut) {
  addSome();
  const auto page = searchFor(requestFor(ResourceKind::kUser, "userName", false));
  run({"DELETE FROM {domain}.users WHERE user_name_fold = 'bravo'"});
  EXPECT_EQ(namesOf(ResourceKind::kUser, page.positions),
            (Names{"Alpha", "charlie", "delta", "echo"}));
}

}  // namespace
}  // namespace vestibule::store::test
