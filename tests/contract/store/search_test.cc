#include "store/search.h"

#include <random>
#include <set>

#include "contract/store/store_fixture.h"
#include "json/parse.h"
#include "json/write.h"
#include "scim/resource/render.h"
#include "store/federated_identity_store.h"
#include "support/device_schemas.h"
#include "support/hostile_texts.h"
#include "support/scim_schemas.h"
#include "support/team_schemas.h"

namespace vestibule::store::test {
namespace {

using scim::test::schemas;

constexpr const char* kBase = "https://h/scim/v2";

const scim::ResourceType& typeOf(ResourceKind kind) {
  switch (kind) {
    case ResourceKind::kUser:
      return *schemas().user;
    case ResourceKind::kGroup:
      return scim::test::teamGroupType();
  }
  return scim::test::deviceType();
}

const scim::Registry& registryOf(const scim::ResourceType& type) {
  if (&type == &scim::test::deviceType()) return *scim::test::deviceRegistry();
  return &type == &scim::test::teamGroupType() ? *scim::test::teamRegistry() : *schemas().registry;
}

class SearchTest : public StoreTest {
 protected:
  static scim::BoundFilter filterOf(const scim::ResourceType& type, const std::string& text) {
    return valueOf(scim::parseFilter(registryOf(type), type, text));
  }

  SearchRequest requestFor(ResourceKind kind, const scim::BoundFilter* filter) const {
    SearchRequest request;
    request.type = &typeOf(kind);
    request.registry = &registryOf(*request.type);
    request.kind = kind;
    request.filter = filter;
    request.count = 100;
    request.base_url = kBase;
    return request;
  }

  Result<SearchPage> trySearch(const SearchRequest& request) {
    return database().read([&](Session& session) { return search(session, domain(), request); });
  }
  SearchPage searchFor(const SearchRequest& request) { return valueOf(trySearch(request)); }

  /// Names of the users that match, in order.
  std::vector<std::string> users(const std::string& text) {
    const auto filter = filterOf(*schemas().user, text);
    const auto page = searchFor(requestFor(ResourceKind::kUser, &filter));
    EXPECT_EQ(page.total, page.resources.size());
    return names(page, "userName");
  }
  std::vector<std::string> groups(const std::string& text) {
    const auto filter = filterOf(scim::test::teamGroupType(), text);
    const auto page = searchFor(requestFor(ResourceKind::kGroup, &filter));
    EXPECT_EQ(page.total, page.resources.size());
    return names(page, "displayName");
  }

  static std::vector<std::string> names(const SearchPage& page, const char* attribute) {
    std::vector<std::string> all;
    for (const auto& found : page.resources) {
      const auto document = valueOf(json::parse(found.resource.document));
      all.push_back(*document.find(attribute)->string());
    }
    return all;
  }

  /// Users n0, n1, …
  std::vector<ResourceId> addNumbered(int count) {
    std::vector<ResourceId> ids;
    for (int i = 0; i < count; ++i) ids.push_back(addUser("n" + std::to_string(i)));
    return ids;
  }
};

using Names = std::vector<std::string>;

TEST_F(SearchTest, IndexedAttributesAreFound) {
  const std::string long_text(300, 'L');
  const auto bob = addUser(userOf(
      R"({"userName":"Bob","externalId":"E-1","displayName":"Bob B","emails":[{"value":"B@x.org","type":"work"},{"value":"b2@x.org","type":"home"}],)"
      R"("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"employeeNumber":"77","manager":{"value":"m-1"}}})"));
  addUser(userOf(
      R"({"userName":"alice","externalId":"e-1","displayName":"bob b","emails":[{"value":"a@x.org"}]})"));
  addUser(userOf(R"({"userName":"carol","externalId":")" + long_text + R"("})"));
  const auto group = addGroup("Staff", {bob});

  EXPECT_EQ(users(R"(userName eq "BOB")"), (Names{"Bob"}));
  EXPECT_EQ(users(R"(id eq ")" + bob.text() + "\""), (Names{"Bob"}));
  EXPECT_EQ(users(R"(externalId eq "E-1")"), (Names{"Bob"}));
  EXPECT_EQ(users(R"(externalId eq "e-1")"), (Names{"alice"}));
  EXPECT_EQ(users(R"(externalId eq ")" + long_text + "\""), (Names{"carol"}));
  EXPECT_EQ(users(R"(externalId eq ")" + long_text + "x\""), (Names{}));
  EXPECT_EQ(users(R"(displayName eq "BOB B")"), (Names{"Bob", "alice"}));
  EXPECT_EQ(users(R"(emails.value eq "b@X.org")"), (Names{"Bob"}));
  EXPECT_EQ(users(R"(emails eq "b2@x.org")"), (Names{"Bob"}));
  EXPECT_EQ(users(R"(emails[value eq "b@x.org"])"), (Names{"Bob"}));
  EXPECT_EQ(users(R"(emails[type eq "work" and value eq "b@x.org"])"), (Names{"Bob"}));
  EXPECT_EQ(users(R"(emails[type eq "home" and value eq "b@x.org"])"), (Names{}));
  EXPECT_EQ(users(R"(emails.type eq "home" and emails.value eq "b@x.org")"), (Names{"Bob"}));
  EXPECT_EQ(
      users(R"(urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber eq "77")"),
      (Names{"Bob"}));
  EXPECT_EQ(
      users(R"(urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value eq "m-1")"),
      (Names{"Bob"}));
  EXPECT_EQ(users(R"(groups.value eq ")" + group.text() + "\""), (Names{"Bob"}));
  EXPECT_EQ(users(R"(groups[value eq ")" + group.text() + "\"]"), (Names{"Bob"}));
  EXPECT_EQ(groups(R"(displayName eq "staff")"), (Names{"Staff"}));
  EXPECT_EQ(groups(R"(members.value eq ")" + bob.text() + "\""), (Names{"Staff"}));
  EXPECT_EQ(groups(R"(id eq ")" + group.text() + "\""), (Names{"Staff"}));
}

TEST_F(SearchTest, IndexedAttributesOfGroupsAreFoundWithoutAScan) {
  const auto bob = addUser("bob");
  const std::string urn = scim::test::kTeamUrn;
  const auto team = [&](const std::string& attributes) {
    return "{\"" + urn + "\":{" + attributes + "}}";
  };
  addGroup(groupOf("a", team(R"("costCentre":"CC-1","code":"A","rooms":[1,2])")), {bob});
  addGroup(groupOf("b", team(R"("costCentre":"cc-1","contacts":[{"value":"x","type":"work"}])")));
  addGroup(
      groupOf("c", team(R"("contacts":[{"value":"x","type":"home"},{"value":"y"}],"motto":"m")")));
  const struct {
    std::string text;
    Names found;
    std::uint64_t scanned = 0;
  } cases[] = {
      {urn + R"(:costCentre eq "Cc-1")", {"a", "b"}},
      {urn + R"(:code eq "A")", {"a"}},
      {urn + R"(:code eq "a")", {}},
      {urn + ":rooms eq 2", {"a"}},
      {urn + R"(:code eq "A" or )" + urn + R"(:contacts.value eq "Y")", {"a", "c"}},
      {urn + R"(:contacts[value eq "y" or value eq "x"])", {"b", "c"}},
      {urn + R"(:costCentre eq "cc-1" and displayName eq "B")", {"b"}},
      {urn + R"(:costCentre eq "cc-1" and members.value eq ")" + bob.text() + "\"", {"a"}},
      {urn + R"(:costCentre eq "cc-1" and )" + urn + R"(:contacts.value eq "x")", {"b"}},
      {urn + R"(:costCentre sw "C")", {"a", "b"}},
      {urn + R"(:contacts.value ge "x")", {"b", "c"}},
      {urn + ":rooms gt 1", {"a"}},
      // What is narrowed by an index is read.
      {urn + R"(:contacts[value eq "x" and type eq "home"])", {"c"}, 2},
      {urn + R"(:contacts.value eq "y" and )" + urn + R"(:motto eq "m")", {"c"}, 1},
  };
  for (const auto& one : cases) {
    SCOPED_TRACE(one.text);
    const auto filter = filterOf(scim::test::teamGroupType(), one.text);
    auto request = requestFor(ResourceKind::kGroup, &filter);
    request.scan_limit = one.scanned;
    const auto page = searchFor(request);
    EXPECT_EQ(names(page, "displayName"), one.found);
    EXPECT_EQ(page.total, one.found.size());
  }
}

TEST_F(SearchTest, IdsThatNameNothingHereFindNothing) {
  const auto bob = addUser("bob");
  addGroup("g", {bob});
  const auto elsewhere = ResourceId::generate(DomainNumber(9), ResourceKind::kUser);
  std::string upper = bob.text();
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](char c) { return c >= 'a' && c <= 'f' ? static_cast<char>(c - 32) : c; });
  for (const auto& id : {std::string("nonsense"), std::string(), elsewhere.text(), upper}) {
    SCOPED_TRACE(id);
    EXPECT_EQ(users(R"(id eq ")" + id + "\""), (Names{}));
    EXPECT_EQ(users(R"(groups.value eq ")" + id + "\""), (Names{}));
    EXPECT_EQ(users(R"(id eq ")" + id + R"(" or userName eq "bob")"), (Names{"bob"}));
  }
  EXPECT_EQ(groups(R"(members.value eq ")" + elsewhere.text() + "\""), (Names{}));
  // `members.value` is not caseExact, `id` is.
  EXPECT_EQ(groups(R"(members.value eq ")" + upper + "\""), (Names{"g"}));
}

TEST_F(SearchTest, WhatNoIndexServesIsEvaluated) {
  addUser(userOf(R"({"userName":"bob","title":"Boss","active":true})"));
  addUser(userOf(R"({"userName":"alice","active":false})"));
  EXPECT_EQ(users(R"(userName co "LIC")"), (Names{"alice"}));
  EXPECT_EQ(users(R"(active eq true)"), (Names{"bob"}));
  EXPECT_EQ(users(R"(not (title pr))"), (Names{"alice"}));
  EXPECT_EQ(users(R"(userName eq "bob" and active eq false)"), (Names{}));
  EXPECT_EQ(users(R"(userName eq "bob" and title sw "b")"), (Names{"bob"}));
  EXPECT_EQ(users(R"(userName eq "bob" or active eq false)"), (Names{"bob", "alice"}));
  EXPECT_EQ(users(R"(meta.resourceType eq "User")"), (Names{"bob", "alice"}));
  EXPECT_EQ(users(R"(meta.lastModified gt "2020-01-01T00:00:00Z")"), (Names{"bob", "alice"}));
  EXPECT_EQ(users(R"(meta.created lt "2020-01-01T00:00:00Z")"), (Names{}));
}

TEST_F(SearchTest, AlternativesOfIndexedTermsAreOneSet) {
  const auto bob =
      addUser(userOf(R"({"userName":"bob","emails":[{"value":"x@x.org"},{"value":"y@x.org"}]})"));
  addUser(userOf(R"({"userName":"alice","externalId":"7"})"));
  addUser("carol");
  addGroup("g", {bob});
  EXPECT_EQ(users(R"(userName eq "alice" or userName eq "bob" or userName eq "ALICE")"),
            (Names{"bob", "alice"}));
  // One user by two values is one result.
  EXPECT_EQ(users(R"(emails.value eq "x@x.org" or emails.value eq "y@x.org")"), (Names{"bob"}));
  EXPECT_EQ(users(R"(emails[value eq "x@x.org" or value eq "z@x.org"])"), (Names{"bob"}));
  EXPECT_EQ(users(R"(userName eq "bob" or emails.value eq "y@x.org" or externalId eq "7")"),
            (Names{"bob", "alice"}));
  EXPECT_EQ(users(R"((userName eq "bob" or externalId eq "7") and emails.value eq "y@x.org")"),
            (Names{"bob"}));
  EXPECT_EQ(users(R"((userName eq "bob" or emails.value eq "x@x.org") and not (title pr))"),
            (Names{"bob"}));
}

TEST_F(SearchTest, GroupsComeWithUsersWhenAskedFor) {
  const auto bob = addUser("bob");
  const auto alice = addUser("alice");
  for (int i = 0; i < 12; ++i) addGroup("g" + std::to_string(i), {bob});
  const auto staff = addGroup("staff", {alice});
  for (const char* text :
       {R"(userName eq "bob" or userName eq "alice")", "userName pr", R"(groups.display pr)"}) {
    SCOPED_TRACE(text);
    const auto filter = filterOf(*schemas().user, text);
    auto request = requestFor(ResourceKind::kUser, &filter);
    request.with_groups = true;
    const auto page = searchFor(request);
    ASSERT_EQ(page.resources.size(), 2U);
    EXPECT_EQ(page.resources[0].groups.size(), 12U);
    ASSERT_EQ(page.resources[1].groups.size(), 1U);
    EXPECT_EQ(page.resources[1].groups.front().id, staff);
    request.with_groups = false;
    EXPECT_TRUE(searchFor(request).resources[0].groups.empty());
  }
  for (const char* name : {"bob", "alice"}) {
    const auto filter = filterOf(*schemas().user, std::string(R"(userName eq ")") + name + "\"");
    auto request = requestFor(ResourceKind::kUser, &filter);
    request.with_groups = true;
    const auto page = searchFor(request);
    ASSERT_EQ(page.resources.size(), 1U);
    EXPECT_EQ(page.resources[0].groups.size(), name[0] == 'b' ? 12U : 1U);
  }
}

TEST_F(SearchTest, PagesCoverTheListOnceAndTotalsAreExact) {
  addNumbered(23);
  const auto some = filterOf(*schemas().user, R"(userName co "1")");  // n1, n10 … n19, n21
  const auto indexed =
      filterOf(*schemas().user, R"(userName eq "n3" or userName eq "n5" or userName eq "n7")");
  struct Case {
    const char* what;
    const scim::BoundFilter* filter;
    std::uint64_t total;
  };
  for (const auto& one :
       {Case{"all", nullptr, 23}, Case{"scan", &some, 12}, Case{"index", &indexed, 3}}) {
    for (const std::uint64_t count : {1U, 2U, 5U, 12U, 23U, 50U}) {
      SCOPED_TRACE(std::string(one.what) + " by " + std::to_string(count));
      auto request = requestFor(ResourceKind::kUser, one.filter);
      request.count = count;
      Names by_index;
      for (request.skip = 0; request.skip < one.total + 3; request.skip += count) {
        const auto page = searchFor(request);
        EXPECT_EQ(page.total, one.total);
        for (auto& name : names(page, "userName")) by_index.push_back(name);
      }
      EXPECT_EQ(by_index.size(), one.total);
      request.skip = 0;
      Names by_cursor;
      for (const bool with_total : {true, false}) {
        request.with_total = with_total;
        request.after = 0;
        by_cursor.clear();
        for (;;) {
          const auto page = searchFor(request);
          EXPECT_EQ(page.total, with_total ? one.total : 0);
          for (auto& name : names(page, "userName")) by_cursor.push_back(name);
          if (page.resources.size() < count) break;
          EXPECT_GT(page.rows.back(), request.after);
          request.after = page.rows.back();
        }
        EXPECT_EQ(by_cursor, by_index);
      }
    }
    auto request = requestFor(ResourceKind::kUser, one.filter);
    request.count = 0;
    const auto page = searchFor(request);
    EXPECT_EQ(page.total, one.total);
    EXPECT_TRUE(page.resources.empty());
  }
}

TEST_F(SearchTest, ACursorLosesNothingWhileRowsComeAndGo) {
  const auto ids = addNumbered(30);
  auto request = requestFor(ResourceKind::kUser, nullptr);
  request.count = 7;
  request.with_total = false;
  std::set<std::string> seen;
  int pages = 0;
  for (;; ++pages) {
    const auto page = searchFor(request);
    for (const auto& name : names(page, "userName")) EXPECT_TRUE(seen.insert(name).second);
    if (page.resources.size() < request.count) break;
    request.after = page.rows.back();
    // What was read goes, and something comes.
    write([&](Session& session) -> Result<void> {
      auto locked = lockUser(session, domain(), ids[static_cast<std::size_t>(pages)], false);
      if (!locked) return propagate(locked);
      return deleteLockedUser(session, domain(), **locked, 1, audit());
    });
    addUser("late" + std::to_string(pages));
  }
  for (int i = 0; i < 30; ++i) EXPECT_TRUE(seen.contains("n" + std::to_string(i))) << i;
}

TEST_F(SearchTest, RangesAndPrefixesOfIndexedAttributesReadNoMoreThanTheyFind) {
  addNumbered(30);
  addUser(userOf(
      R"({"userName":"Zoe","externalId":"z-1","displayName":"Zoe","emails":[{"value":"zoe@x.org"},{"value":"Zo@y.org"}],"name":{"familyName":"Zett"}})"));
  addUser(userOf(
      R"({"userName":"zed","externalId":"Z-2","displayName":"Zed","emails":[{"value":"zed@x.org","type":"work"}]})"));
  const std::vector<std::pair<std::string, Names>> cases = {
      {R"(userName sw "Z")", {"Zoe", "zed"}},
      {R"(userName sw "zo")", {"Zoe"}},
      {R"(userName ge "zed")", {"Zoe", "zed"}},
      {R"(userName gt "zed")", {"Zoe"}},
      {R"(userName lt "n1")", {"n0"}},
      {R"(userName le "n1")", {"n0", "n1"}},
      {R"(externalId sw "z")", {"Zoe"}},
      {R"(externalId le "Z-2")", {"zed"}},
      {R"(displayName sw "z" and userName lt "zo")", {"zed"}},
      {R"(emails.value sw "Z")", {"Zoe", "zed"}},  // one of them by two values
      {R"(emails[value sw "z" and type eq "work"])", {"zed"}},
      {R"(emails sw "z" or userName sw "ze" or displayName sw "zo")", {"Zoe", "zed"}},
      {R"(emails.value lt "z")", {}},
      {R"(userName sw "Z" and not (externalId sw "Z"))", {"Zoe"}},
  };
  for (const auto& [text, expected] : cases) {
    SCOPED_TRACE(text);
    const auto filter = filterOf(*schemas().user, text);
    auto request = requestFor(ResourceKind::kUser, &filter);
    request.scan_limit = 5;
    const auto page = searchFor(request);
    EXPECT_EQ(names(page, "userName"), expected);
    EXPECT_EQ(page.total, expected.size());
    request.count = 1;
    request.skip = 1;
    const auto second = searchFor(request);
    EXPECT_EQ(names(second, "userName"),
              Names(expected.begin() + std::min<std::ptrdiff_t>(1, std::ssize(expected)),
                    expected.begin() + std::min<std::ptrdiff_t>(2, std::ssize(expected))));
    EXPECT_EQ(second.total, expected.size());
  }
}

/// An index keeps the beginning of a long value: what it cannot tell apart is looked at again.
TEST_F(SearchTest, RangesOfLongValuesAreExact) {
  const auto text = [](std::size_t length, const std::string& end) {
    return std::string(length, 'm') + end;
  };
  std::vector<std::string> values;
  for (const std::size_t length : {1U, 159U, 160U, 161U, 191U, 192U, 199U, 200U, 201U, 300U}) {
    for (const char* end : {"", "a", "z"}) values.push_back(text(length, end));
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    addUser(userOf(R"({"userName":"u)" + std::to_string(i) + R"(","externalId":")" + values[i] +
                   R"(","displayName":")" + values[i] + R"("})"));
  }
  const auto matching = [&](const std::string& op, const std::string& literal) {
    Names expected;
    for (std::size_t i = 0; i < values.size(); ++i) {
      const auto& value = values[i];
      if (op == "sw" ? value.starts_with(literal)
                     : (op == "gt"   ? value > literal
                        : op == "ge" ? value >= literal
                        : op == "lt" ? value < literal
                                     : value <= literal)) {
        expected.push_back("u" + std::to_string(i));
      }
    }
    return expected;
  };
  for (const auto& literal : values) {
    for (const std::string op : {"sw", "gt", "ge", "lt", "le"}) {
      for (const std::string attribute : {"externalId", "displayName"}) {
        SCOPED_TRACE(attribute + " " + op + " of " + std::to_string(literal.size()));
        EXPECT_EQ(users(attribute + " " + op + " \"" + literal + "\""), matching(op, literal));
      }
    }
  }
}

/// Quotes, wildcards and the like are letters like any other, in the values of attributes with an
/// index and without, by case and without.
TEST_F(SearchTest, HostileTextsMatchOnlyThemselves) {
  const auto& texts = vestibule::test::hostileTexts();
  std::vector<std::pair<std::string, json::Value>> stored;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const std::string name = "u" + std::to_string(i);
    const json::Value text(texts[i]);
    const auto user = userOf(json::write(
        json::Object{{"userName", name},
                     {"externalId", text},
                     {"displayName", text},
                     {"title", text},
                     {"emails", json::Array{json::Object{{"value", text}, {"type", "work"}}}}}));
    addUser(user);
    stored.emplace_back(name, valueOf(json::parse(user.write.document)));
  }
  for (const auto& text : texts) {
    const std::string literal = json::write(json::Value(text));
    EXPECT_EQ(users("externalId eq " + literal).size(), 1U) << literal;
    for (const char* term :
         {"externalId eq ", "externalId sw ", "externalId co ", "externalId gt ", "displayName eq ",
          "displayName sw ", "displayName ew ", "title sw ", "title co ", "title ew ",
          "emails.value eq ", "emails.value sw ", "userName eq ", "userName co "}) {
      const std::string asked = term + literal;
      SCOPED_TRACE(asked);
      const auto filter = filterOf(*schemas().user, asked);
      Names expected;
      for (const auto& [name, user] : stored) {
        if (scim::evaluate(filter, *user.object())) expected.push_back(name);
      }
      EXPECT_EQ(users(asked), expected);
    }
    const std::string both = "emails[type eq \"work\" and value eq " + literal + "]";
    EXPECT_EQ(users(both), users("emails.value eq " + literal)) << both;
  }
  EXPECT_EQ(users(R"(externalId co "%")"), users(R"(title co "%")"));
  EXPECT_EQ(users(R"(externalId sw "a_")"),
            (Names{"u" + std::to_string(std::distance(
                             texts.begin(), std::find(texts.begin(), texts.end(), "a_z")))}));
}

TEST_F(SearchTest, AScanThatWouldReadTooMuchIsRefused) {
  addNumbered(30);
  addGroup("big", {});
  const auto scan = filterOf(*schemas().user, R"(userName co "n")");
  auto request = requestFor(ResourceKind::kUser, &scan);
  request.scan_limit = 30;
  EXPECT_EQ(searchFor(request).total, 30U);
  request.scan_limit = 29;
  for (const bool with_total : {true, false}) {
    request.with_total = with_total;
    const auto refused = trySearch(request);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::kTooMany);
  }
  // A page without the total needs to read only as far as it goes.
  request.count = 10;
  EXPECT_EQ(searchFor(request).resources.size(), 10U);
  // An index narrows it: only what is left has to be read.
  request.count = 100;
  request.with_total = true;
  request.scan_limit = 1;
  const auto narrowed = filterOf(*schemas().user, R"(userName eq "n3" and userName sw "n")");
  request.filter = &narrowed;
  EXPECT_EQ(searchFor(request).total, 1U);
  // An exact answer of an index has no limit.
  request.filter = nullptr;
  EXPECT_EQ(searchFor(request).total, 30U);
}

TEST_F(SearchTest, LargeDocumentsAreScannedInSmallerPieces) {
  // More than one piece may hold, and then small ones again.
  Names expected;
  for (int i = 0; i < 60; ++i) {
    const auto name = "n" + std::to_string(i);
    const std::string text(i < 20 ? 1'000'000 : 10, 'x');
    auto user = userOf(R"({"userName":")" + name + R"(","title":"x"})");
    user.write.document.replace(user.write.document.find(R"("x")"), 3, "\"" + text + "\"");
    addUser(user);
    if (i % 7 == 0) expected.push_back(name);
  }
  addUser("other");
  std::string text = "userName sw \"n0\"";
  for (int i = 7; i < 60; i += 7) text += " or userName co \"n" + std::to_string(i) + "\"";
  text = "(" + text + ") and not (userName eq \"n70\")";
  const auto filter = filterOf(*schemas().user, text);
  auto request = requestFor(ResourceKind::kUser, &filter);
  request.scan_limit = 61;
  const auto page = searchFor(request);
  EXPECT_EQ(names(page, "userName"), expected);
  EXPECT_EQ(page.total, expected.size());
  request.scan_limit = 60;
  EXPECT_EQ(trySearch(request).error().kind, ErrorKind::kTooMany);
}

TEST_F(SearchTest, NarrowedScansAreLimitedToo) {
  for (int i = 0; i < 20; ++i) {
    addUser(userOf(R"({"userName":"d)" + std::to_string(i) + R"(","displayName":"Same"})"));
  }
  const auto filter = filterOf(*schemas().user, R"(displayName eq "same" and userName co "d")");
  auto request = requestFor(ResourceKind::kUser, &filter);
  request.scan_limit = 20;
  EXPECT_EQ(searchFor(request).total, 20U);
  request.scan_limit = 19;
  EXPECT_EQ(trySearch(request).error().kind, ErrorKind::kTooMany);
}

TEST_F(SearchTest, MembersAreReadForAFilterOnlyWithinTheLimit) {
  const auto ids = addNumbered(10);
  addGroup("g1", {ids.begin(), ids.begin() + 6});
  addGroup("g2", {ids.begin() + 5, ids.end()});
  EXPECT_EQ(groups(R"(members.display eq "n5")"), (Names{"g1", "g2"}));
  EXPECT_EQ(groups(R"(members.display eq "n7")"), (Names{"g2"}));
  EXPECT_EQ(groups(R"(members.value eq ")" + ids[7].text() + R"(" and displayName sw "g")"),
            (Names{"g2"}));
  EXPECT_EQ(groups(R"(not (members.value eq ")" + ids[7].text() + R"("))"), (Names{"g1"}));
  const auto filter = filterOf(scim::test::teamGroupType(), R"(members.display eq "n7")");
  auto request = requestFor(ResourceKind::kGroup, &filter);
  request.scan_limit = 11;
  EXPECT_EQ(searchFor(request).total, 1U);
  request.scan_limit = 10;
  EXPECT_EQ(trySearch(request).error().kind, ErrorKind::kTooMany);
}

TEST_F(SearchTest, ConstantsOfAFilterAreUnderstood) {
  addNumbered(3);
  scim::BoundFilter filter;
  filter.nodes.emplace_back(scim::Or{});
  EXPECT_EQ(searchFor(requestFor(ResourceKind::kUser, &filter)).total, 0U);
  filter.nodes[0] = scim::And{};
  EXPECT_EQ(searchFor(requestFor(ResourceKind::kUser, &filter)).total, 3U);
}

// ---- Both readers of filters agree
// -------------------------------------------------------------------------------

/// Makes filters of what the resources below have, so that they hit often.
class FilterMaker {
 public:
  /// `member_ids` are ids of users, and of groups too for filters on groups.
  FilterMaker(unsigned seed, ResourceKind kind, std::vector<std::string> member_ids,
              std::vector<std::string> group_ids, std::vector<std::string> device_ids)
      : random_(seed),
        kind_(kind),
        member_ids_(std::move(member_ids)),
        group_ids_(std::move(group_ids)),
        device_ids_(std::move(device_ids)) {}

  std::string make(int depth = 3) {
    const auto kind = depth == 0 ? 0 : random_() % 8;
    if (kind == 5) return "(" + make(depth - 1) + " and " + make(depth - 1) + ")";
    if (kind == 6) return "(" + make(depth - 1) + " or " + make(depth - 1) + ")";
    if (kind == 7) return "not (" + make(depth - 1) + ")";
    switch (kind_) {
      case ResourceKind::kUser:
        return userTerm();
      case ResourceKind::kGroup:
        return groupTerm();
    }
    return deviceTerm();
  }

 private:
  std::string pick(const std::vector<std::string>& from) { return from[random_() % from.size()]; }
  std::string quoted(const std::string& text) { return "\"" + text + "\""; }
  std::string op() {
    return pick({"eq", "eq", "eq", "eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"});
  }
  std::string name() {
    return pick({"bob", "BOB", "Alice", "carol", "o", "b", "CORP/bob", "corp/Alice", "corp", "/"});
  }
  std::string mail() { return pick({"bob@x.org", "ALICE@x.org", "c@y.org", "x.org", "@"}); }

  std::string valuePath(const std::string& attribute, const std::string& value) {
    switch (random_() % 4) {
      case 0:
        return attribute + "[value " + op() + " " + value + "]";
      case 1:
        return attribute + "[value eq " + value + " or type eq \"home\"]";
      case 2:
        return attribute + "[type eq \"work\" and value eq " + value + "]";
      default:
        return attribute + "[not (value eq " + value + ")]";
    }
  }

  std::string userTerm() {
    switch (random_() % 14) {
      case 0:
      case 1:
        return "userName " + op() + " " + quoted(name());
      case 2:
        return "externalId " + op() + " " + quoted(pick({"e-1", "E-1", "e-2", "e"}));
      case 3:
        return "id " + op() + " " + quoted(pick(member_ids_));
      case 4:
        return "emails.value " + op() + " " + quoted(mail());
      case 5:
        return valuePath("emails", quoted(mail()));
      case 6:
        return "displayName " + op() + " " + quoted(pick({"Same", "same", "Other", "s"}));
      case 7:
        return "active eq " + pick({"true", "false"});
      case 8:
        return pick({"title", "emails", "groups", "externalId", "name.familyName"}) + " pr";
      case 9:
        return "groups.value " + op() + " " + quoted(pick(group_ids_));
      case 10:
        return pick({"groups.display " + op() + " " + quoted(pick({"Staff", "top", "CORP/Staff"})),
                     "groups.type eq \"indirect\"", "groups.type eq \"direct\""});
      case 11:
        return "meta.lastModified " + pick({"gt", "ge", "lt", "le", "eq", "ne"}) +
               " \"2023-11-14T22:13:2" + pick({"0", "3", "5", "3.0005", "3.001"}) + "Z\"";
      case 12:
        return "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:" +
               pick({"employeeNumber eq \"1\"", "employeeNumber gt \"1\"", "manager.value eq \"m\"",
                     "manager.value sw \"M\"", "department pr"});
      default:
        return "groups[value eq " + quoted(pick(group_ids_)) +
               pick({"]", "]", " and type eq \"direct\"]", " and type eq \"indirect\"]"});
    }
  }

  std::string teamTerm() {
    const std::string urn = std::string(scim::test::kTeamUrn) + ":";
    switch (random_() % 5) {
      case 0:
        return urn + "costCentre " + op() + " " + quoted(pick({"CC1", "cc1", "CC2", "1"}));
      case 1:
        return urn + "code " + op() + " " + quoted(pick({"Staff", "staff", "top", "A"}));
      case 2:
        return urn + "rooms " + pick({"eq", "eq", "ne", "gt", "le"}) + " " + pick({"1", "2", "3"});
      case 3:
        return valuePath(urn + "contacts", quoted(mail()));
      default:
        return urn + pick({"costCentre pr", "contacts.type eq \"home\"", "rooms pr"});
    }
  }

  std::string groupTerm() {
    switch (random_() % 12) {
      case 8:
      case 9:
      case 10:
      case 11:
        return teamTerm();
      case 0:
      case 1:
        return "displayName " + op() + " " +
               quoted(pick({"Staff", "staff", "admins", "a", "CORP/Staff", "corp/admins"}));
      case 2:
        return "externalId " + op() + " " + quoted(pick({"e-1", "E-1", "e"}));
      case 3:
        return "id " + op() + " " + quoted(pick(group_ids_));
      case 4:
        return "members.value " + op() + " " + quoted(pick(member_ids_));
      case 5:
        return "members.display " + op() + " " + quoted(name());
      case 6:
        return "members[value eq " + quoted(pick(member_ids_)) +
               pick({"]", " and type eq \"User\"]", " and type eq \"Group\"]"});
      default:
        return pick({"externalId pr", "members pr", "meta.resourceType eq \"group\"",
                     "members.type eq \"Group\"", "members.type eq \"user\""});
    }
  }

  std::string deviceTerm() {
    switch (random_() % 12) {
      case 0:
        return "displayName " + op() + " " +
               quoted(pick({"Laptop", "laptop", "d1", "d12", "CORP/laptop", "corp/d1", "/"}));
      case 1:
        return "externalId " + op() + " " + quoted(pick({"e-1", "E-1", "e"}));
      case 2:
        return "id " + op() + " " + quoted(pick(device_ids_));
      case 3:
        return "serialNumber " + op() + " " + quoted(pick({"S1", "s1", "S2", "S30", "S"}));
      case 4:
        return "model " + op() + " " + quoted(pick({"X1", "x1", "Y", "x"}));
      case 5:
        return "active " + pick({"eq", "ne"}) + " " + pick({"true", "false"});
      case 6:
        return "weight " + pick({"eq", "ne", "gt", "ge", "lt", "le"}) + " " +
               pick({"1", "1.5", "2e0", "3"});
      case 7:
        return "purchased " + pick({"eq", "ne", "gt", "ge", "lt", "le"}) + " \"2026-0" +
               pick({"1", "2", "3"}) + "-01T0" + pick({"0:00:00Z", "1:00:00+01:00"}) + "\"";
      case 8:
        return "owner.value " + op() + " " + quoted(pick({"o1", "O1", "o2"}));
      case 9:
        return valuePath("interfaces", quoted(pick({"02:01", "0A:02", "0a:02", "02:"})));
      case 10:
        return "meta.lastModified " + pick({"gt", "ge", "lt", "le", "eq", "ne"}) +
               " \"2023-11-14T22:13:2" + pick({"0", "3", "3.0005"}) + "Z\"";
      default:
        return pick({"interfaces", "owner", "weight", "externalId", "interfaces.primary"}) + " pr";
    }
  }

  std::mt19937 random_;
  ResourceKind kind_;
  std::vector<std::string> member_ids_;
  std::vector<std::string> group_ids_;
  std::vector<std::string> device_ids_;
};

class BothReadersTest : public SearchTest {
 protected:
  void SetUp() override {
    std::mt19937 random(20261123);
    const auto pick = [&](std::vector<std::string> from) { return from[random() % from.size()]; };
    std::vector<ResourceId> ids;
    for (int i = 0; i < 36; ++i) {
      const auto number = std::to_string(i);
      const auto name = pick({"Bob", "alice", "Carol", "zoë"}) + (i < 4 ? "" : number);
      std::string json = R"({"userName":")" +
                         (i < 4 ? std::vector<std::string>{"Bob", "alice", "Carol",
                                                           "zoë"}[static_cast<std::size_t>(i)]
                                : name) +
                         "\"";
      if (random() % 2 == 0) json += R"(,"externalId":")" + pick({"e-1", "E-1", "e-2"}) + "\"";
      if (random() % 2 == 0) json += R"(,"displayName":")" + pick({"Same", "Other"}) + "\"";
      if (random() % 2 == 0) json += R"(,"title":"t")";
      if (random() % 2 == 0) json += R"(,"active":)" + pick({"true", "false"});
      std::string mails;
      for (const char* type : {"work", "home"}) {
        if (random() % 2 == 0) continue;
        mails += std::string(mails.empty() ? "" : ",") + R"({"type":")" + type + R"(","value":")" +
                 pick({"Bob@x.org", "alice@x.org", "c@y.org"}) + "\"}";
      }
      if (!mails.empty()) json += R"(,"emails":[)" + mails + "]";
      if (random() % 3 == 0) {
        json +=
            R"(,"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"employeeNumber":")" +
            pick({"1", "2"}) + R"(","manager":{"value":"m"}})";
      }
      auto user = userOf(json + "}");
      user.meta.modified += static_cast<Timestamp>(random() % 6) * 1'000'000;
      ids.push_back(addUser(user));
      user_ids_.push_back(ids.back().text());
    }
    std::vector<ResourceId> groups;
    for (const char* name : {"Staff", "Admins", "all", "none", "above", "top"}) {
      std::vector<ResourceId> members;
      for (const auto& id : ids) {
        if (random() % 3 == 0) members.push_back(id);
      }
      if (std::string_view(name) == "none") members.clear();
      // Staff is in "above" and in "top", above is in "top" too; Admins is in "top".
      if (std::string_view(name) == "above") members.push_back(groups.front());
      if (std::string_view(name) == "top") {
        members.resize(1);
        members.insert(members.end(), {groups[0], groups[1], groups.back()});
      }
      std::string team = R"("code":")" + std::string(name) + "\"";
      if (random() % 2 == 0) team += R"(,"costCentre":")" + pick({"CC1", "cc1", "CC2"}) + "\"";
      if (random() % 2 == 0) team += R"(,"rooms":[1,)" + pick({"2", "3"}) + "]";
      if (random() % 2 == 0) {
        team += R"(,"contacts":[{"type":"work","value":")" + pick({"Bob@x.org", "c@y.org"}) +
                R"("},{"type":"home","value":"alice@x.org"}])";
      }
      const auto group =
          groupOf(name, std::string("{") + (random() % 2 == 0 ? R"("externalId":"e-1",)" : "") +
                            "\"" + scim::test::kTeamUrn + "\":{" + team + "}}");
      write([&](Session& session) {
        return insertGroup(session, domain(), scim::test::teamGroupType(), group.meta, group.write,
                           members, audit());
      });
      groups.push_back(group.meta.id);
      group_ids_.push_back(group.meta.id.text());
    }
    member_ids_ = user_ids_;
    member_ids_.insert(member_ids_.end(), group_ids_.begin(), group_ids_.end());
    for (int i = 0; i < 36; ++i) {
      const auto number = std::to_string(i);
      std::string json = R"({"displayName":")" + (i == 0 ? "Laptop" : "D" + number) + "\"";
      json += R"(,"serialNumber":"S)" + number + "\"";
      if (random() % 2 == 0) json += R"(,"externalId":")" + pick({"e-1", "E-1"}) + "\"";
      if (random() % 2 == 0) json += R"(,"model":")" + pick({"X1", "x1", "Y"}) + "\"";
      if (random() % 2 == 0) json += R"(,"active":)" + pick({"true", "false"});
      if (random() % 2 == 0) json += R"(,"weight":)" + pick({"1", "1.5", "1.50", "2.0", "3"});
      if (random() % 2 == 0) {
        json += R"(,"purchased":"2026-0)" + pick({"1", "2", "3"}) + R"(-01T00:00:00Z")";
      }
      if (random() % 2 == 0) json += R"(,"owner":{"value":")" + pick({"o1", "O1", "o2"}) + "\"}";
      // Hardware addresses are unique: two devices have those that filters look for.
      const auto address = i == 1 ? "02:01" : i == 2 ? "0A:02" : "02:1" + number;
      if (i < 3 || random() % 2 == 0) {
        json += R"(,"interfaces":[{"type":")" + pick({"work", "home"}) + R"(","value":")" +
                address + R"("},{"type":"home","value":"03:)" + number + R"(","primary":true}])";
      }
      auto device = deviceOf(json + "}");
      device.meta.modified += static_cast<Timestamp>(random() % 6) * 1'000'000;
      device_ids_.push_back(addDevice(device).text());
    }
    for (auto* list : {&user_ids_, &group_ids_, &device_ids_}) {
      list->push_back(ResourceId::generate(DomainNumber(9), ResourceKind::kUser).text());
      list->push_back("none");
    }
  }

  /// Every resource as a client sees it, in order.
  std::vector<std::pair<ResourceId, json::Object>> everything(ResourceKind kind,
                                                              const std::string& prefix) {
    auto request = requestFor(kind, nullptr);
    request.with_groups = true;
    std::vector<std::pair<ResourceId, json::Object>> all;
    for (const auto& found : searchFor(request).resources) {
      json::Array relation;
      if (kind == ResourceKind::kUser) {
        relation = scim::groupsArray(found.groups, kBase, prefix, *schemas().group);
      } else if (kind == ResourceKind::kGroup) {
        const auto page = read([&](Session& session) {
          return listMembers(session, domain(), found.resource.meta.id, {}, 1'000);
        });
        for (const auto& member : page.members) {
          const auto& type =
              member.id.kind() == ResourceKind::kGroup ? *schemas().group : *schemas().user;
          relation.emplace_back(scim::memberObject({member.id, member.name}, kBase, prefix, type));
        }
      }
      auto document = valueOf(json::parse(found.resource.document));
      all.emplace_back(
          found.resource.meta.id,
          scim::completeResource(*request.type, std::move(*document.object()), found.resource.meta,
                                 kBase, prefix, std::move(relation)));
    }
    return all;
  }

  /// The filter as the directory hands it to one of several domains: literals of `eq` and `ne` lose
  /// the prefix.
  static scim::BoundFilter localOf(const scim::ResourceType& type, scim::BoundFilter filter,
                                   const std::string& prefix_key) {
    for (auto& node : filter.nodes) {
      auto* comparison = std::get_if<scim::Comparison>(&node);
      if (comparison == nullptr || comparison->attribute.attribute != type.naming_attribute)
        continue;
      const bool equal = comparison->op == scim::CompareOp::kEq;
      if (!equal && comparison->op != scim::CompareOp::kNe) continue;
      if (comparison->key.starts_with(prefix_key)) {
        comparison->key.erase(0, prefix_key.size());
      } else if (equal) {
        node = scim::Or{};
      } else {
        node = scim::And{};
      }
    }
    return filter;
  }

  void compare(ResourceKind kind, const std::string& prefix, unsigned seed, int filters) {
    const auto& type = typeOf(kind);
    const auto all = everything(kind, prefix);
    FilterMaker maker(seed, kind, kind == ResourceKind::kUser ? user_ids_ : member_ids_, group_ids_,
                      device_ids_);
    std::mt19937 random(seed);
    int hits = 0;
    pairs_ += static_cast<std::size_t>(filters) * all.size();
    for (int i = 0; i < filters; ++i) {
      const std::string text = maker.make();
      SCOPED_TRACE(text);
      const auto filter = filterOf(type, text);
      std::vector<ResourceId> expected;
      for (const auto& [id, resource] : all) {
        if (scim::evaluate(filter, resource)) expected.push_back(id);
      }
      const auto local = prefix.empty() ? filter : localOf(type, filter, "corp/");
      auto request = requestFor(kind, &local);
      request.naming_prefix = prefix;
      request.skip = random() % 4 == 0 ? random() % 5 : 0;
      request.count = random() % 4 == 0 ? random() % 6 : 100;
      request.with_groups = random() % 2 == 0;
      const auto page = searchFor(request);
      ASSERT_EQ(page.total, expected.size());
      std::vector<ResourceId> found;
      for (const auto& one : page.resources) found.push_back(one.resource.meta.id);
      const auto first = std::min<std::size_t>(request.skip, expected.size());
      const auto last = std::min<std::size_t>(first + request.count, expected.size());
      ASSERT_EQ(found,
                (std::vector<ResourceId>(expected.begin() + static_cast<std::ptrdiff_t>(first),
                                         expected.begin() + static_cast<std::ptrdiff_t>(last))));
      if (!expected.empty() && expected.size() < all.size()) ++hits;
    }
    EXPECT_GT(hits, filters / 4) << "the filters must tell resources apart";
  }

  std::vector<std::string> user_ids_;
  std::vector<std::string> group_ids_;
  std::vector<std::string> member_ids_;
  std::vector<std::string> device_ids_;
  std::size_t pairs_ = 0;  ///< of a filter and a resource that have been compared
};

TEST_F(BothReadersTest, S18_OnUsers) {
  compare(ResourceKind::kUser, "", 1, 400);
  EXPECT_GE(pairs_, 10'000U);
}
TEST_F(BothReadersTest, OnUsersOfOneOfSeveralDomains) {
  compare(ResourceKind::kUser, "CORP/", 2, 300);
}
TEST_F(BothReadersTest, S18_OnGroups) { compare(ResourceKind::kGroup, "", 3, 200); }
TEST_F(BothReadersTest, OnGroupsOfOneOfSeveralDomains) {
  compare(ResourceKind::kGroup, "CORP/", 4, 200);
}
TEST_F(BothReadersTest, OnResourcesOfATypeFromFiles) {
  compare(scim::test::deviceType().kind, "", 5, 300);
  EXPECT_GE(pairs_, 10'000U);
}
TEST_F(BothReadersTest, OnResourcesOfATypeFromFilesInOneOfSeveralDomains) {
  compare(scim::test::deviceType().kind, "CORP/", 6, 300);
  EXPECT_GE(pairs_, 10'000U);
}

}  // namespace
}  // namespace vestibule::store::test
