// Sort, cursors and searches as clients see them (scim-protocol-map I, J, K; RFC 9865).

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <set>

#include "http/scim/scim_server.h"
#include "json/parse.h"

namespace vestibule::test {
namespace {

using Names = std::vector<std::string>;

std::string searchRequest(const std::string& members) {
  return R"({"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"])" +
         (members.empty() ? "" : "," + members) + "}";
}

std::string textOf(const json::Value& value, std::string_view member,
                   std::string_view otherwise = "") {
  return std::string(value.stringAt(member).value_or(otherwise));
}

class Lists : public testing::Test {
 protected:
  void SetUp() override {
    domain_ = server().emptyDomain();
    base_ = ScimServer::baseOf(domain_);
  }

  static ScimServer& server() { return ScimServer::get(); }

  json::Value ask(const std::string& target) {
    const Answer answer = server().request("GET", target);
    EXPECT_EQ(answer.status, 200) << target << ": " << answer.body;
    return answer.json();
  }
  json::Value search(const std::string& target, const std::string& members) {
    const Answer answer = server().request("POST", target, searchRequest(members));
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.json();
  }
  void expectError(const Answer& answer, int status, const std::string& type) {
    EXPECT_EQ(answer.status, status) << answer.body;
    EXPECT_EQ(answer.json().stringAt("scimType").value_or(""), type) << answer.body;
  }

  std::string add(const std::string& base, const std::string& endpoint, const std::string& body) {
    const Answer made = server().request("POST", base + endpoint, body);
    EXPECT_EQ(made.status, 201) << made.body;
    return textOf(made.json(), "id");
  }
  std::string addUser(const std::string& name, const std::string& more = "") {
    return add(base_, "/Users",
               R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":")" + name +
                   "\"" + more + "}");
  }
  std::string addGroup(const std::string& name) {
    return add(base_, "/Groups",
               R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":")" +
                   name + "\"}");
  }
  void addSome() {
    addUser("delta", R"(,"title":"b")");
    addUser("Alpha", R"(,"title":"B")");
    addUser("charlie", R"(,"title":"a","displayName":"zeta")");
    addUser("bravo");
  }

  static Names namesOf(const json::Value& list, const char* attribute = "userName") {
    Names names;
    for (const auto& resource : *list.find("Resources")->array()) {
      names.push_back(textOf(resource, attribute, "-"));
    }
    return names;
  }
  static std::int64_t numberOf(const json::Value& list, const char* member) {
    const auto* value = list.find(member);
    return value == nullptr ? -1 : value->number()->asInt64().value_or(-2);
  }

  /// Walks a list by cursor; `query` begins with `?`. Between two pages `meanwhile` runs.
  std::vector<std::string> walk(
      const std::string& target, const std::string& query,
      const std::function<void()>& meanwhile = [] {}) {
    std::vector<std::string> ids;
    std::string cursor;
    for (int pages = 0; pages < 1'000; ++pages) {
      const json::Value page = ask(target + query + "&cursor=" + cursor);
      EXPECT_EQ(page.find("startIndex"), nullptr);
      EXPECT_EQ(static_cast<std::size_t>(numberOf(page, "itemsPerPage")),
                page.find("Resources")->array()->size());
      for (const auto& resource : *page.find("Resources")->array()) {
        ids.push_back(textOf(resource, "id"));
      }
      const auto next = page.stringAt("nextCursor");
      if (!next) return ids;
      EXPECT_FALSE(page.find("Resources")->array()->empty());
      cursor = std::string(*next);
      meanwhile();
    }
    ADD_FAILURE() << "the walk does not end";
    return ids;
  }

  std::string domain_;
  std::string base_;
};

TEST_F(Lists, I1_I4_I5_SortsBothWays) {
  addSome();
  const Names ascending{"Alpha", "bravo", "charlie", "delta"};
  EXPECT_EQ(namesOf(ask(base_ + "/Users?sortBy=userName")), ascending);
  EXPECT_EQ(namesOf(ask(base_ + "/Users?sortBy=USERNAME&sortOrder=Ascending")), ascending);
  EXPECT_EQ(namesOf(ask(base_ + "/Users?sortBy=userName&sortOrder=descending")),
            Names(ascending.rbegin(), ascending.rend()));
  // I4: who has no value is last, and first descending. I5: equal ones as they were made.
  EXPECT_EQ(namesOf(ask(base_ + "/Users?sortBy=title")),
            (Names{"charlie", "delta", "Alpha", "bravo"}));
  EXPECT_EQ(namesOf(ask(base_ + "/Users?sortBy=title&sortOrder=descending")),
            (Names{"bravo", "Alpha", "delta", "charlie"}));
  EXPECT_EQ(namesOf(ask(base_ + "/Users?sortBy=userName&startIndex=2&count=2")),
            (Names{"bravo", "charlie"}));
}

TEST_F(Lists, I1_RefusesWhatCannotBeAnOrder) {
  expectError(server().request("GET", base_ + "/Users?sortBy=shoeSize"), 400, "invalidValue");
  expectError(server().request("GET", base_ + "/Users?sortBy=name"), 400, "invalidValue");
  expectError(server().request("GET", base_ + "/Users?sortBy=groups.value"), 400, "invalidValue");
  expectError(server().request("GET", base_ + "/Users?sortBy=userName&sortOrder=up"), 400,
              "invalidValue");
  expectError(server().request("GET", base_ + "/Users?sortBy=password"), 403, "sensitive");
}

TEST_F(Lists, I3_AListIsSortedByItsPrimaryValueElseItsFirst) {
  addUser("ann", R"(,"emails":[{"value":"z@x"},{"value":"b@x","primary":true}])");
  addUser("bea", R"(,"emails":[{"value":"c@x"},{"value":"a@x"}])");
  addUser("cora", R"(,"emails":[{"value":"a@x"}])");
  const Names expected{"cora", "ann", "bea"};
  EXPECT_EQ(namesOf(ask(base_ + "/Users?sortBy=emails.value")), expected);
  EXPECT_EQ(namesOf(ask(base_ + "/Users?sortBy=emails")), expected);
}

TEST_F(Lists, D2_J1_J2_J4_J5_J6_J7_PagesByIndexSayWhereTheyAre) {
  addSome();
  struct Page {
    const char* query;
    std::int64_t start;
    std::int64_t items;
  };
  // By creation: delta, Alpha, charlie, bravo.
  const Page pages[] = {
      {"", 1, 4},
      {"?startIndex=1&count=2", 1, 2},
      {"?startIndex=3&count=2", 3, 2},
      {"?startIndex=4&count=2", 4, 1},
      {"?startIndex=0&count=3", 1, 3},
      {"?startIndex=-7&count=3", 1, 3},
      {"?startindex=2&COUNT=1", 2, 1},
      {"?count=0", 1, 0},
      {"?count=-1", 1, 0},
      {"?startIndex=5", 5, 0},
      {"?startIndex=1000000", 1'000'000, 0},
      {"?count=100000", 1, 4},
      {"?count=&startIndex=", 1, 4},  // asks for nothing
  };
  for (const Page& page : pages) {
    SCOPED_TRACE(page.query);
    const Answer answer = server().request("GET", base_ + "/Users" + page.query);
    EXPECT_EQ(answer.status, 200);
    const json::Value list = answer.json();
    EXPECT_EQ(*list.find("schemas"),
              json::Value(json::Array{"urn:ietf:params:scim:api:messages:2.0:ListResponse"}));
    EXPECT_EQ(numberOf(list, "totalResults"), 4);
    EXPECT_EQ(numberOf(list, "startIndex"), page.start);
    EXPECT_EQ(numberOf(list, "itemsPerPage"), page.items);
    EXPECT_EQ(list.find("Resources")->array()->size(), static_cast<std::size_t>(page.items));
    EXPECT_EQ(answer.body.find("\"totalResults\":\""), std::string::npos) << "numbers, not texts";
  }
  for (const char* bad :
       {"count=abc", "count=1.5", "startIndex=one", "startIndex=99999999999999999999"}) {
    SCOPED_TRACE(bad);
    expectError(server().request("GET", base_ + "/Users?" + bad), 400, "invalidValue");
  }
}

TEST_F(Lists, D3_WhereNothingMatchesTheListIsEmpty) {
  addSome();
  const json::Value none = ask(base_ + "/Users?filter=userName%20eq%20%22nobody%22");
  EXPECT_EQ(numberOf(none, "totalResults"), 0);
  EXPECT_EQ(*none.find("Resources"), json::Value(json::Array()));
}

TEST_F(Lists, J3_APageIsNoLargerThanTheServerSays) {
  for (int i = 0; i < 38; ++i) addUser("n" + std::to_string(i));
  for (const char* query : {"", "?count=38", "?count=1000"}) {
    const json::Value list = ask(base_ + "/Users" + query);
    EXPECT_EQ(numberOf(list, "itemsPerPage"), 37) << query;
    EXPECT_EQ(numberOf(list, "totalResults"), 38) << query;
  }
}

TEST_F(Lists, K2_ASearchMakesNothingAndHasNoLocation) {
  addSome();
  for (const char* endpoint : {"/Users/.search", "/Groups/.search", "/.search"}) {
    const Answer answer = server().request("POST", base_ + endpoint, searchRequest(""));
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_FALSE(answer.header("Location"));
  }
}

TEST_F(Lists, Q4_SeveralDomainsAreInOneOrder) {
  const std::string other = server().emptyDomain();
  addUser("mike");
  addUser("alpha");
  base_ = ScimServer::baseOf(other);
  addUser("lima");
  addUser("bravo");
  const std::string filter = "&filter=" + percentEncode("userName sw \"" + domain_ +
                                                        "/\" or userName sw \"" + other + "/\"");
  const Names expected{domain_ + "/alpha", domain_ + "/mike", other + "/bravo", other + "/lima"};
  EXPECT_EQ(namesOf(ask("/scim/v2/Users?sortBy=userName" + filter)), expected);
  EXPECT_EQ(namesOf(ask("/scim/v2/Users?sortBy=userName&sortOrder=descending" + filter)),
            Names(expected.rbegin(), expected.rend()));
  const json::Value middle = ask("/scim/v2/Users?sortBy=userName&startIndex=2&count=2" + filter);
  EXPECT_EQ(namesOf(middle), (Names{expected[1], expected[2]}));
  EXPECT_EQ(numberOf(middle, "totalResults"), 4);
  for (const char* order : {"&sortBy=userName", "&sortBy=id&sortOrder=descending",
                            "&sortBy=meta.created", "&sortBy=title", ""}) {
    SCOPED_TRACE(order);
    const json::Value whole = ask("/scim/v2/Users?count=37" + filter + order);
    Names ids;
    for (const auto& resource : *whole.find("Resources")->array()) {
      ids.push_back(textOf(resource, "id"));
    }
    EXPECT_EQ(ids.size(), 4U);
    for (const char* count : {"1", "2", "3"}) {
      EXPECT_EQ(walk("/scim/v2/Users", "?count=" + std::string(count) + filter + order), ids);
    }
  }
}

TEST_F(Lists, R9865_ACursorWalksTheWholeList) {
  std::set<std::string> made;
  for (int i = 0; i < 25; ++i) made.insert(addUser("n" + std::to_string(i)));
  for (const char* query :
       {"?count=4", "?count=7&sortBy=userName", "?count=5&sortBy=userName&sortOrder=descending",
        "?count=6&sortBy=externalId", "?count=25", "?filter=userName%20sw%20%22n%22&count=9"}) {
    SCOPED_TRACE(query);
    const auto ids = walk(base_ + "/Users", query);
    EXPECT_EQ(ids.size(), made.size());
    EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()), made);
  }
  const json::Value first = ask(base_ + "/Users?cursor=&count=10");
  EXPECT_EQ(numberOf(first, "totalResults"), 25);
  const json::Value second = ask(base_ + "/Users?count=10&cursor=" + textOf(first, "nextCursor"));
  EXPECT_EQ(numberOf(second, "totalResults"), 25) << "counted once, told on every page";
  const json::Value same = ask(base_ + "/Users?cursor=" + textOf(first, "nextCursor"));
  EXPECT_EQ(namesOf(same), namesOf(second)) << "the count of the first page is kept";
}

TEST_F(Lists, R9865_LongSortKeysFitIntoCursors) {
  std::vector<std::string> made;
  std::string filler;
  for (int i = 0; i < 1'500; ++i) filler += "\xE6\xBC\xA2";
  for (const char* first : {"a", "b", "c"}) {
    made.push_back(
        addUser("long" + std::string(first), R"(,"displayName":")" + (first + filler) + "\""));
  }
  EXPECT_EQ(walk(base_ + "/Users", "?count=1&sortBy=displayName"), made);
}

TEST_F(Lists, R9865_AWalkLosesAndRepeatsNothingWhileResourcesComeAndGo) {
  std::vector<std::string> stays;
  std::vector<std::string> goes;
  for (int i = 0; i < 20; ++i) {
    stays.push_back(addUser("s" + std::to_string(i)));
    goes.push_back(addUser("g" + std::to_string(i)));
  }
  int round = 0;
  for (const char* query : {"?count=3", "?count=3&sortBy=userName",
                            "?count=3&sortBy=meta.created&sortOrder=descending"}) {
    SCOPED_TRACE(query);
    const auto ids = walk(base_ + "/Users", query, [&] {
      addUser("new" + std::to_string(++round));
      if (goes.empty()) return;
      EXPECT_EQ(server().request("DELETE", base_ + "/Users/" + goes.back()).status, 204);
      goes.pop_back();
    });
    const std::set<std::string> seen(ids.begin(), ids.end());
    EXPECT_EQ(seen.size(), ids.size()) << "nothing twice";
    for (const auto& id : stays) EXPECT_TRUE(seen.contains(id)) << id;
  }
}

TEST_F(Lists, R9865_ACursorIsGoodForItsQueryOnly) {
  addSome();
  const std::string cursor = textOf(ask(base_ + "/Users?count=2&cursor="), "nextCursor");
  const std::string users = base_ + "/Users?cursor=" + cursor;
  EXPECT_EQ(server().request("GET", users + "&count=2").status, 200);
  EXPECT_EQ(server().request("GET", users + "&count=2&attributes=userName").status, 200);
  expectError(server().request("GET", users + "&count=3"), 400, "invalidCount");
  expectError(server().request("GET", users + "&filter=title%20pr"), 400, "invalidCursor");
  expectError(server().request("GET", users + "&sortBy=userName"), 400, "invalidCursor");
  expectError(server().request("GET", base_ + "/Groups?cursor=" + cursor), 400, "invalidCursor");
  expectError(server().request("GET", "/scim/v2/Users?cursor=" + cursor), 400, "invalidCursor");
  const std::string other = ScimServer::baseOf(server().emptyDomain());
  expectError(server().request("GET", other + "/Users?cursor=" + cursor), 400, "invalidCursor");
  expectError(server().request("GET", base_ + "/Users?cursor=nonsense"), 400, "invalidCursor");
  expectError(server().request("GET", users + "&startIndex=1"), 400, "invalidValue");
  expectError(server().request("GET", base_ + "/Users?cursor=&count=38"), 400, "invalidCount");
  expectError(server().request("GET", base_ + "/Users?cursor=&count=-1"), 400, "invalidCount");
}

TEST_F(Lists, K1_K3_SearchDoesWhatTheQueryDoes) {
  addSome();
  addGroup("Writers");
  const json::Value found = search(
      base_ + "/Users/.search",
      R"("filter":"title pr","sortBy":"userName","startIndex":2,"count":1,"attributes":["userName"])");
  EXPECT_EQ(found, ask(base_ + "/Users?filter=title%20pr&sortBy=userName&startIndex=2&count=1"
                               "&attributes=userName"));
  EXPECT_EQ(namesOf(search(base_ + "/Groups/.search", ""), "displayName"), (Names{"Writers"}));
  const json::Value page = search(base_ + "/Users/.search", R"("cursor":"","count":3)");
  const json::Value rest = search(base_ + "/Users/.search",
                                  R"("cursor":")" + textOf(page, "nextCursor") + R"(","count":3)");
  EXPECT_EQ(namesOf(page).size() + namesOf(rest).size(), 4U);
  expectError(server().request("POST", base_ + "/Users/.search", "{}"), 400, "invalidSyntax");
  expectError(server().request("POST", base_ + "/Users/.search",
                               searchRequest(R"("filter":"userName eq")")),
              400, "invalidFilter");
  // K3: `.search` is no id.
  EXPECT_EQ(server().request("GET", base_ + "/Users/.search").status, 405);
  // Narrowing to one domain at the base of all.
  EXPECT_EQ(
      numberOf(search("/scim/v2/Users/.search", R"("domain":")" + domain_ + "\""), "totalResults"),
      4);
}

TEST_F(Lists, D4_TheBaseSearchesAllTypes) {
  addSome();
  addGroup("Alpha");
  addGroup("zulu");
  const json::Value all = ask(base_);
  EXPECT_EQ(numberOf(all, "totalResults"), 6);
  std::map<std::string, int> types;
  for (const auto& resource : *all.find("Resources")->array()) {
    ++types[textOf(*resource.find("meta"), "resourceType")];
  }
  EXPECT_EQ(types, (std::map<std::string, int>{{"User", 4}, {"Group", 2}}));
  const auto found = [&](const std::string& filter) {
    return numberOf(search(base_ + "/.search", R"("filter":")" + filter + "\""), "totalResults");
  };
  EXPECT_EQ(found(R"(userName eq \"alpha\" or displayName eq \"alpha\")"), 2);
  EXPECT_EQ(found(R"(userName ne \"alpha\")"), 5) << "groups have no userName at all";
  EXPECT_EQ(found(R"(meta.resourceType eq \"Group\")"), 2);
  EXPECT_EQ(found(R"(members pr)"), 0);
  expectError(
      server().request("POST", base_ + "/.search", searchRequest(R"("filter":"shoeSize gt 40")")),
      400, "invalidFilter");
  // Pages go on from one type into the next, by index and by cursor.
  EXPECT_EQ(namesOf(ask(base_ + "?startIndex=5&count=2"), "displayName"), (Names{"Alpha", "zulu"}));
  for (const char* query :
       {"?count=1", "?count=4&sortBy=displayName",
        "?count=1&sortBy=displayName&sortOrder=descending", "?count=2&sortBy=userName"}) {
    SCOPED_TRACE(query);
    const auto ids = walk(base_, query);
    EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), 6U);
    EXPECT_EQ(ids.size(), 6U);
  }
  EXPECT_EQ(namesOf(ask(base_ + "?sortBy=displayName&count=3"), "displayName"),
            (Names{"Alpha", "zeta", "zulu"}));
}

TEST_F(Lists, E17_DatesAreSearchedToTheMillisecond) {
  const std::string id = addUser("alpha");
  const json::Value user = ask(base_ + "/Users/" + id);
  const std::string modified = textOf(*user.find("meta"), "lastModified");
  const auto found = [&](const std::string& op) {
    return numberOf(ask(base_ + "/Users?filter=" +
                        percentEncode("meta.lastModified " + op + " \"" + modified + "\"")),
                    "totalResults");
  };
  EXPECT_EQ(found("eq"), 1);
  EXPECT_EQ(found("ge"), 1);
  EXPECT_EQ(found("le"), 1);
  EXPECT_EQ(found("gt"), 0);
  EXPECT_EQ(found("lt"), 0);
}

}  // namespace
}  // namespace vestibule::test
