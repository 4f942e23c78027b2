// What a domain keeps to tokens with the scope scim:privileged, by every way of writing it.

#include <functional>

#include "http/scim/own_domain.h"

namespace vestibule::test {
namespace {

constexpr const char* kScopes = "scim:read scim:write";

class Privileged : public OwnDomain {
 protected:
  static const std::string& mayAll() {
    static const std::string token =
        server().process().token("privileged", std::string(kScopes) + " scim:privileged");
    return token;
  }
  static const std::string& mayWrite() {
    static const std::string token = server().process().token("unprivileged", kScopes);
    return token;
  }

  void settings(const std::string& changes) const {
    const Answer answer =
        server().process().internal("PATCH", "/admin/v1/domains/" + domain, server().adminToken(),
                                    R"({"settings":)" + changes + "}");
    ASSERT_EQ(answer.status, 200) << answer.body;
  }
  Answer ask(const std::string& token, std::string_view method, const std::string& path,
             std::string_view body = {}) const {
    return server().process().scim(method, base + path, token, body);
  }
  std::string made(const std::string& endpoint, const std::string& body) const {
    const Answer answer = ask(mayAll(), "POST", endpoint, body);
    EXPECT_EQ(answer.status, 201) << answer.body;
    return idOf(answer.json());
  }

  struct Request {
    std::string what;
    std::string method;
    std::string path;
    std::string body = {};
  };
  struct Outcome {
    std::string status;
    json::Value error;
  };
  /// The request as it is, or as the one operation of a bulk request.
  Outcome send(const std::string& token, const Request& request, bool in_bulk) const {
    if (!in_bulk) {
      const Answer answer = ask(token, request.method, request.path, request.body);
      return {std::to_string(answer.status), answer.json()};
    }
    const Answer answer =
        ask(token, "POST", "/Bulk",
            R"({"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],)"
            R"("Operations":[{"bulkId":"b","method":")" +
                request.method + R"(","path":")" + request.path + "\"" +
                (request.body.empty() ? "" : R"(,"data":)" + request.body) + "}]}");
    EXPECT_EQ(answer.status, 200) << answer.body;
    const json::Value body = answer.json();
    const json::Value& operation = body.find("Operations")->array()->front();
    const auto* error = operation.find("response");
    return {text(operation, "status"), error == nullptr ? json::Value() : *error};
  }
  /// All that there is, versions included.
  std::string everything() const {
    return send("GET", "/Users").body + send("GET", "/Groups").body;
  }
  /// Neither alone nor in a bulk request does it do anything without the scope.
  void expectRefused(const Request& request, const std::string& named) const {
    SCOPED_TRACE(request.what);
    const std::string before = everything();
    for (const bool in_bulk : {false, true}) {
      SCOPED_TRACE(in_bulk);
      const Outcome outcome = send(mayWrite(), request, in_bulk);
      EXPECT_EQ(outcome.status, "403") << json::write(outcome.error);
      const std::string detail = text(outcome.error, "detail");
      EXPECT_NE(detail.find(named), std::string::npos) << detail;
      EXPECT_NE(detail.find("scim:privileged"), std::string::npos) << detail;
      EXPECT_EQ(outcome.error.find("scimType"), nullptr) << "RFC 7644 §3.12 has none that fits";
      EXPECT_EQ(everything(), before);
    }
  }
  void expectDone(const std::string& token, const Request& request, bool in_bulk = false) const {
    SCOPED_TRACE(request.what);
    const Outcome outcome = send(token, request, in_bulk);
    EXPECT_TRUE(outcome.status.starts_with("2")) << outcome.status << json::write(outcome.error);
  }
  void expectUnchanged(const Request& request) const {
    SCOPED_TRACE(request.what);
    const std::string before = everything();
    for (const bool in_bulk : {false, true}) expectDone(mayWrite(), request, in_bulk);
    EXPECT_EQ(everything(), before);
  }

  using OwnDomain::send;
};

/// An attribute with two values, as members of a user and as values of PATCH.
struct AttributeCase {
  const char* path;
  std::string member;  ///< `"name":value` with %, where the value goes
  std::string one;
  std::string other;

  [[nodiscard]] std::string with(const std::string& value) const {
    std::string text = member;
    return text.replace(text.find('%'), 1, value);
  }
};

const std::vector<AttributeCase>& attributeCases() {
  static const std::string department =
      "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department";
  static const std::vector<AttributeCase> cases = {
      {"roles", R"("roles":%)", R"([{"value":"admin"}])", R"([{"value":"clerk"}])"},
      {"entitlements", R"("entitlements":%)", R"([{"value":"all","type":"x"}])",
       R"([{"value":"all","type":"y"}])"},
      {"userType", R"("userType":%)", R"("Employee")", R"("employee")"},
      {"active", R"("active":%)", "false", "true"},
      {"name.familyName", R"("name":{"familyName":%})", R"("King")", R"("Smith")"},
      {department.c_str(),
       R"("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":%})",
       R"("board")", R"("sales")"},
  };
  return cases;
}

std::string operation(const std::string& op, const std::string& path, const std::string& value) {
  return R"({"op":")" + op + "\"" + (path.empty() ? "" : R"(,"path":")" + path + "\"") +
         (value.empty() ? "" : R"(,"value":)" + value) + "}";
}

TEST_F(Privileged, P4_R8_AttributesAreRefusedByEveryWay) {
  const std::string without = made("/Users", user("without"));
  for (const auto& c : attributeCases()) {
    SCOPED_TRACE(c.path);
    settings(R"({"privilegedAttributes":[]})");
    const std::string with = made("/Users", user("with", "," + c.with(c.one)));
    settings(R"({"privilegedAttributes":["title",")" + std::string(c.path) + R"("]})");
    const std::string new_one = "/Users/" + without;
    const std::string old_one = "/Users/" + with;
    const Request requests[] = {
        {"POST", "POST", "/Users", user("new", "," + c.with(c.one))},
        {"PUT that adds", "PUT", new_one, user("without", "," + c.with(c.one))},
        {"PUT that changes", "PUT", old_one, user("with", "," + c.with(c.other))},
        {"PUT that leaves it out", "PUT", old_one, user("with")},
        {"PATCH add", "PATCH", new_one, patch(operation("add", c.path, c.one))},
        {"PATCH replace what is not there", "PATCH", new_one,
         patch(operation("replace", c.path, c.one))},
        {"PATCH replace", "PATCH", old_one, patch(operation("replace", c.path, c.other))},
        {"PATCH remove", "PATCH", old_one, patch(operation("remove", c.path, ""))},
        {"PATCH without path that adds", "PATCH", new_one,
         patch(operation("add", "", "{" + c.with(c.one) + "}"))},
        {"PATCH without path that changes", "PATCH", old_one,
         patch(operation("replace", "", "{" + c.with(c.other) + "}"))},
        {"PATCH behind what is allowed", "PATCH", old_one,
         patch(operation("replace", "displayName", R"("x")") + "," +
               operation("remove", c.path, ""))},
    };
    for (const auto& request : requests) expectRefused(request, c.path);
    EXPECT_EQ(totalOf("userName eq \"new\""), 0);

    // What is there already is no change, and what else is in the request is done.
    json::Value shown = read(old_one);
    expectUnchanged({"PUT of what was read", "PUT", old_one, json::write(shown)});
    expectUnchanged(
        {"PATCH to the same value", "PATCH", old_one, patch(operation("replace", c.path, c.one))});
    shown.object()->set("nickName", "w");
    expectDone(mayWrite(), {"PUT of something else", "PUT", old_one, json::write(shown)});
    EXPECT_EQ(text(read(old_one), "nickName"), "w");

    for (const auto& request : requests) expectDone(mayAll(), request);
    EXPECT_EQ(totalOf("userName eq \"new\""), 1);
    for (const std::string name : {"new", "with"}) {
      const json::Value found =
          read("/Users?filter=" + percentEncode("userName eq \"" + name + "\""));
      const std::string id = idOf(found.find("Resources")->array()->front());
      expectDone(mayWrite(), {"DELETE", "DELETE", "/Users/" + id});
    }
    expectDone(mayAll(), {"clear", "PUT", new_one, user("without")});
  }
}

TEST_F(Privileged, P4_TheOrderOfValuesIsNoChange) {
  settings(R"({"privilegedAttributes":["roles"]})");
  const std::string one =
      "/Users/" + made("/Users", user("ann", R"(,"roles":[{"value":"a"},{"value":"b"}])"));
  expectDone(mayWrite(),
             {"turned", "PUT", one, user("ann", R"(,"roles":[{"value":"b"},{"value":"a"}])")});
  expectRefused({"one twice", "PUT", one, user("ann", R"(,"roles":[{"value":"b"}])")}, "roles");
  expectRefused({"an element", "PATCH", one,
                 patch(operation("replace", R"(roles[value eq \"a\"].display)", R"("A")"))},
                "roles");
}

TEST_F(Privileged, P4_N2_NobodyChangesThemOfThemselves) {
  settings(R"({"privilegedAttributes":["nickName"]})");
  const std::string id = made("/Users", user("ann"));
  const Answer token = server().process().internal(
      "POST", "/admin/v1/tokens", server().adminToken(),
      R"({"name":"me of )" + domain + R"(","scopes":"me:write","user":")" + id + "\"}");
  ASSERT_EQ(token.status, 201) << token.body;
  const std::string own = text(token.json(), "token");
  const auto change = [&](const char* path) {
    return ask(own, "PATCH", "/Me", patch(operation("replace", path, R"("x")")));
  };
  EXPECT_EQ(change("displayName").status, 200);
  const Answer refused = change("nickName");
  expectError(refused, 403, "");
  EXPECT_NE(refused.body.find("nickName"), std::string::npos) << refused.body;
  EXPECT_EQ(read("/Users/" + id).find("nickName"), nullptr);
}

/// Groups of every relation to a privileged one.
class PrivilegedGroups : public Privileged {
 protected:
  PrivilegedGroups() { settings(R"({"privilegedGroups":["Admins","ops-*"]})"); }

  static std::string add(const std::string& member) {
    return patch(operation("add", "members", R"([{"value":")" + member + "\"}]"));
  }
  static std::string addWithoutPath(const std::string& member) {
    return patch(operation("add", "", R"({"members":[{"value":")" + member + "\"}]}"));
  }
  static std::string replaceAll(const std::vector<std::string>& ids) {
    return patch(operation("replace", "", "{" + members(ids).substr(1) + "}"));
  }
  static std::string remove(const std::string& member) {
    return patch(operation("remove", R"(members[value eq \")" + member + R"(\"])", ""));
  }
  static std::string rename(const std::string& name) {
    return patch(operation("replace", "displayName", "\"" + name + "\""));
  }
  static std::string renameWithoutPath(const std::string& name) {
    return patch(operation("replace", "", R"({"displayName":")" + name + "\"}"));
  }

  const std::string ann = made("/Users", user("ann"));    // in crew
  const std::string root = made("/Users", user("root"));  // in admins
  const std::string deep = made("/Users", user("deep"));  // in inner, and so in admins
  const std::string inner = made("/Groups", group("inner", members({deep})));
  const std::string admins = made("/Groups", group("ADMINS", members({root, inner})));
  const std::string crew = made("/Groups", group("crew", members({ann})));
  const std::string outer = made("/Groups", group("outer", members({ann, admins})));
  const std::string of_admins = "/Groups/" + admins;
  const std::string of_crew = "/Groups/" + crew;
  const std::string of_inner = "/Groups/" + inner;
  const std::string of_outer = "/Groups/" + outer;

  /// Each is refused, and with the scope done when everything is as it was.
  std::vector<Request> requests() const {
    return {
        {"PUT that empties", "PUT", of_admins, group("ADMINS")},
        {"PUT with others", "PUT", of_admins, group("ADMINS", members({root, inner, ann}))},
        {"PUT that renames it away", "PUT", of_admins, group("plain", members({root, inner}))},
        {"PUT of another case", "PUT", of_admins, group("Admins", members({root, inner}))},
        {"PATCH that renames it away", "PATCH", of_admins, rename("plain")},
        {"the same without path", "PATCH", of_admins, renameWithoutPath("plain")},
        {"PATCH of what is not the name", "PATCH", of_admins,
         patch(operation("add", "externalId", R"("e")"))},
        {"PATCH that adds a member", "PATCH", of_admins, add(ann)},
        {"the same without path", "PATCH", of_admins, addWithoutPath(ann)},
        {"PATCH that adds one who is in and one who is not", "PATCH", of_admins,
         patch(operation("add", "members",
                         R"([{"value":")" + root + R"("},{"value":")" + ann + "\"}]"))},
        {"PATCH that removes a member", "PATCH", of_admins, remove(root)},
        {"PATCH that removes by what is shown", "PATCH", of_admins,
         patch(operation("remove", R"(members[display eq \"root\"])", ""))},
        {"PATCH that removes all", "PATCH", of_admins, patch(operation("remove", "members", ""))},
        {"PATCH that replaces all", "PATCH", of_admins, replaceAll({root, inner, ann})},
        {"PATCH that puts a group in", "PATCH", of_admins, add(crew)},
        {"PATCH that takes a group out", "PATCH", of_admins, remove(inner)},
        {"DELETE", "DELETE", of_admins},

        {"POST of a privileged name", "POST", "/Groups", group("OPS-night")},
        {"PUT that renames to a privileged name", "PUT", of_crew, group("ops-1", members({ann}))},
        {"PATCH that renames to a privileged name", "PATCH", of_crew, rename("Ops-1")},
        {"the same without path", "PATCH", of_crew, renameWithoutPath("ops-")},

        {"a member of a group within", "PATCH", of_inner, add(ann)},
        {"a member less of a group within", "PATCH", of_inner, remove(deep)},
        {"other members of a group within", "PUT", of_inner, group("inner", members({ann}))},
        {"a group in a group within", "PATCH", of_inner, add(crew)},
        {"DELETE of a group within", "DELETE", of_inner},

        {"POST of a group around it", "POST", "/Groups", group("new", members({ann, admins}))},
        {"into another", "PATCH", of_crew, add(admins)},
        {"into another by PUT", "PUT", of_crew, group("crew", members({ann, admins}))},
        {"out of another", "PATCH", of_outer, remove(admins)},
        {"out of another by PUT", "PUT", of_outer, group("outer", members({ann}))},
        {"out of another that is emptied", "PATCH", of_outer,
         patch(operation("remove", "members", ""))},
        {"DELETE of a group around it", "DELETE", of_outer},

        {"DELETE of a member", "DELETE", "/Users/" + root},
        {"DELETE of a member of a group within", "DELETE", "/Users/" + deep},
    };
  }
};

TEST_F(PrivilegedGroups, P4_R8_AreRefusedByEveryWay) {
  for (const auto& request : requests()) {
    const bool ops = request.what.find("privileged name") != std::string::npos ||
                     request.body.find("ops-") != std::string::npos;
    expectRefused(request, ops ? "privileged" : "ADMINS");
  }
}

TEST_F(PrivilegedGroups, P4_InABulkRequestEachOperationByItself) {
  const Answer answer = ask(mayWrite(), "POST", "/Bulk",
                            R"({"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
      "Operations":[{"method":"POST","path":"/Groups","bulkId":"a","data":)" +
                                group("ops-1") + R"(},
        {"method":"POST","path":"/Groups","bulkId":"b","data":)" +
                                group("plain") + R"(},
        {"method":"POST","path":"/Groups","bulkId":"c","data":)" +
                                group("around", members({"bulkId:a"})) + "}]}");
  ASSERT_EQ(answer.status, 200) << answer.body;
  std::vector<std::string> statuses;
  const json::Value body = answer.json();
  for (const auto& operation : *body.find("Operations")->array()) {
    statuses.push_back(text(operation, "status"));
  }
  EXPECT_EQ(statuses, (std::vector<std::string>{"403", "201", "409"}));
}

TEST_F(PrivilegedGroups, P4_WhatIsThereAlreadyIsNoChange) {
  const auto shown = [&](const std::string& path) { return json::write(read(path)); };
  const Request requests[] = {
      {"PUT of what was read", "PUT", of_admins, shown(of_admins)},
      {"PUT of what was read, around", "PUT", of_outer, shown(of_outer)},
      {"PUT of what was read, within", "PUT", of_inner, shown(of_inner)},
      {"adding who is in", "PATCH", of_admins, add(root)},
      {"adding a group that is in", "PATCH", of_admins, add(inner)},
      {"adding who is in, within", "PATCH", of_inner, add(deep)},
      {"adding it where it is", "PATCH", of_outer, add(admins)},
      {"removing who is not in", "PATCH", of_admins, remove(ann)},
      {"removing it where it is not", "PATCH", of_crew, remove(admins)},
      {"replacing by the same", "PATCH", of_admins, replaceAll({root, inner})},
      {"its own name", "PATCH", of_admins, rename("ADMINS")},
  };
  for (const auto& request : requests) expectUnchanged(request);
}

TEST_F(PrivilegedGroups, P4_WhatIsNotPrivilegedIsAsItWas) {
  const Request requests[] = {
      {"a member of the group around it", "PATCH", of_outer, add(root)},
      {"and away", "PATCH", of_outer, remove(root)},
      {"other members of it", "PUT", of_outer, group("outer", members({deep, admins}))},
      {"another name for it", "PATCH", of_outer, rename("Outer2")},
      {"another name for a group within", "PATCH", of_inner, rename("opsinner")},
      {"a group within in another", "PATCH", of_crew, add(inner)},
      {"and out", "PATCH", of_crew, remove(inner)},
      {"a member of another", "PATCH", of_crew, add(root)},
      {"attributes of a member", "PATCH", "/Users/" + root,
       patch(operation("add", "nickName", R"("r")"))},
      {"a group of a name that begins otherwise", "POST", "/Groups", group("the ops-1")},
      {"a group of a name that goes on", "POST", "/Groups", group("Admins2")},
      {"deleting a group", "DELETE", of_crew},
      {"deleting a user", "DELETE", "/Users/" + ann},
  };
  for (const auto& request : requests) expectDone(mayWrite(), request);
}

TEST_F(PrivilegedGroups, P4_WithTheScopeAllOfItIsDone) {
  expectDone(mayAll(), {"", "PATCH", of_admins, add(ann)});
  expectDone(mayAll(), {"", "PATCH", of_inner, add(ann)});
  expectDone(mayAll(), {"", "PATCH", of_crew, add(admins)});
  expectDone(mayAll(), {"", "PATCH", of_outer, remove(admins)}, true);
  expectDone(mayAll(), {"", "PATCH", of_admins, rename("plain")});
  expectDone(mayAll(), {"", "PATCH", of_admins, rename("ops-1")}, true);
  expectDone(mayAll(), {"", "DELETE", "/Users/" + root});
  expectDone(mayAll(), {"", "DELETE", of_inner});
  EXPECT_EQ(idsIn(read(of_admins), "members"), std::vector<std::string>{ann});
  expectDone(mayAll(), {"", "DELETE", of_admins}, true);
}

TEST_F(PrivilegedGroups, P4_WhatAnAdministratorMapsIsGranted) {
  settings(R"({"privilegedAttributes":["userType"]})");
  const std::string provider = R"({"name":"idp-)" + domain + R"(","enabled":true,
      "claims":{"userIdClaim":"uid","roleClaim":"groups",
                "mappings":[{"idpClaim":"kind","attribute":"userType"}]},
      "roles":{"mappings":[{"idpRole":"boss","localRole":")" +
                               domain + R"(/Admins"}],"unmapped":"drop"},
      "jit":{"isEnabled":true,"userstore":")" +
                               domain + R"(","scheme":"PROVISION_SILENTLY"}})";
  const auto& process = server().process();
  const Answer made =
      process.internal("POST", "/admin/v1/identity-providers", server().adminToken(), provider);
  ASSERT_EQ(made.status, 201) << made.body;
  const Answer login = process.internal(
      "POST", "/jit/v1/provision", process.token("jit of " + domain, "jit"),
      R"({"identityProvider":"idp-)" + domain +
          R"(","subject":"s1","claims":{"uid":"newcomer","groups":["boss"],"kind":"Chief"}})");
  ASSERT_EQ(login.status, 201) << login.body;
  const json::Value found = read("/Users?filter=" + percentEncode(R"(userName eq "newcomer")"));
  const json::Value& newcomer = found.find("Resources")->array()->front();
  EXPECT_EQ(text(newcomer, "userType"), "Chief");
  auto groups = std::vector<std::string>{admins, outer};
  std::sort(groups.begin(), groups.end());
  EXPECT_EQ(idsIn(newcomer, "groups"), groups);
}

}  // namespace
}  // namespace vestibule::test
