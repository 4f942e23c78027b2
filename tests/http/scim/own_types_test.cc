// A resource type that an operator adds by files alone, over real sockets: that of
// docs/examples/device, and one without a naming attribute.

#include <gtest/gtest.h>
#include <signal.h>

#include <set>

#include "http/scim/schema_server.h"
#include "json/write.h"
#include "support/device_schemas.h"

namespace vestibule::test {
namespace {

constexpr const char* kDeviceUrn = "urn:example:params:scim:schemas:core:1.0:Device";
constexpr const char* kRoomUrn = "urn:example:params:scim:schemas:core:1.0:Room";

/// What an operator has put beside scim-schemas/.
std::vector<scim::SchemaFile> ownFiles() {
  auto files = scim::test::deviceFiles();
  files.push_back({"room.json", R"({
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
    "id": "urn:example:params:scim:schemas:core:1.0:Room", "name": "Room",
    "attributes": [{"name": "floor", "type": "integer"}]})"});
  files.push_back({"resource-type-room.json", R"({
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"], "name": "Room",
    "endpoint": "/Rooms", "schema": "urn:example:params:scim:schemas:core:1.0:Room",
    "x-vestibule": {"kind": 255}})"});
  return files;
}

class OwnTypes : public ::testing::Test {
 protected:
  /// One server for all these tests; each has a domain of its own.
  static SchemaServer& server() {
    static SchemaServer server(ownFiles());
    return server;
  }

  void SetUp() override {
    domain = server().emptyDomain();
    base = SchemaServer::baseOf(domain);
  }

  static Answer send(std::string_view method, const std::string& target, std::string_view body = {},
                     const std::vector<std::string>& headers = {}) {
    return server().send(method, target, body, headers);
  }
  json::Value ask(const std::string& target) {
    const Answer answer = send("GET", target);
    EXPECT_EQ(answer.status, 200) << target << ": " << answer.body;
    return answer.json();
  }

  static std::string device(const std::string& members) {
    return R"({"schemas":[")" + std::string(kDeviceUrn) + "\"]," + members + "}";
  }
  static std::string patch(const std::string& operations) {
    return R"({"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[)" +
           operations + "]}";
  }
  /// Makes a device below the base, and returns its id.
  std::string add(const std::string& members) {
    const Answer made = send("POST", base + "/Devices", device(members));
    EXPECT_EQ(made.status, 201) << made.body;
    return textOf(made.json(), "id");
  }
  void addThree() {
    add(R"("displayName":"b","serialNumber":"S1","model":"X","weight":10,"active":true)");
    add(R"("displayName":"A","serialNumber":"S2","model":"Y","weight":9.5)");
    add(R"("displayName":"c","serialNumber":"S3","model":"x","active":false,)"
        R"("purchased":"2026-03-01T00:00:00Z","owner":{"value":"u-1"},)"
        R"("interfaces":[{"value":"02:AA","type":"wired"},{"value":"02:BB","type":"wireless"}])");
  }

  static std::string textOf(const json::Value& value, std::string_view member) {
    return std::string(value.stringAt(member).value_or(""));
  }
  static std::int64_t numberOf(const json::Value& value, std::string_view member) {
    const auto* number = value.find(member);
    return number != nullptr && number->isNumber() ? number->number()->asInt64().value_or(-1) : -1;
  }
  /// The names of listed resources in their order.
  static std::string namesIn(const json::Value& list) {
    std::string names;
    const auto* resources = list.find("Resources");
    if (resources == nullptr || !resources->isArray()) return names;
    for (const auto& each : *resources->array()) {
      if (!names.empty()) names += ' ';
      names += each.stringAt("displayName").value_or(each.stringAt("userName").value_or("-"));
    }
    return names;
  }
  std::string filtered(const std::string& filter) {
    const auto list = ask(base + "/Devices?filter=" + percentEncode(filter));
    const auto names = namesIn(list);
    EXPECT_EQ(numberOf(list, "totalResults"),
              names.empty() ? 0 : 1 + std::count(names.begin(), names.end(), ' '));
    return names;
  }
  static void expectError(const Answer& answer, int status, const std::string& type) {
    EXPECT_EQ(answer.status, status) << answer.body;
    EXPECT_EQ(textOf(answer.json(), "scimType"), type) << answer.body;
  }

  std::string domain;
  std::string base;
};

TEST_F(OwnTypes, AreDiscovered) {
  std::set<std::string> types;
  const auto list = ask(base + "/ResourceTypes");
  for (const auto& type : *list.find("Resources")->array()) {
    types.insert(textOf(type, "name"));
  }
  EXPECT_EQ(types, (std::set<std::string>{"Device", "Group", "Room", "User"}));
  const auto type = ask(base + "/ResourceTypes/Device");
  EXPECT_EQ(type.stringAt("endpoint"), "/Devices");
  EXPECT_EQ(type.stringAt("schema"), kDeviceUrn);
  EXPECT_EQ(type.find("x-vestibule"), nullptr);
  const Answer schema = send("GET", base + "/Schemas/" + kDeviceUrn);
  ASSERT_EQ(schema.status, 200);
  EXPECT_EQ(schema.body.find("x-vestibule"), std::string::npos);
  // A3: what the file leaves out has its default.
  const auto document = schema.json();
  const auto& model = (*document.find("attributes")->array())[2];
  EXPECT_EQ(model.stringAt("name"), "model");
  EXPECT_EQ(model.stringAt("type"), "string");
  EXPECT_EQ(model.stringAt("mutability"), "readWrite");
  EXPECT_EQ(model.stringAt("returned"), "default");
  EXPECT_EQ(model.stringAt("uniqueness"), "none");
  EXPECT_EQ(model.boolAt("caseExact"), false);
  EXPECT_EQ(model.boolAt("multiValued"), false);
  EXPECT_EQ(model.boolAt("required"), false);
}

TEST_F(OwnTypes, AreCreatedReadReplacedPatchedAndDeleted) {
  const Answer made = send("POST", base + "/Devices", device(R"(
      "displayName":"Laptop","serialNumber":"S1","weight":1.50,"pairingCode":"0000",
      "externalId":"x","interfaces":[{"value":"02:AA","type":"wired","primary":true}])"));
  ASSERT_EQ(made.status, 201) << made.body;
  const auto id = textOf(made.json(), "id");
  const auto one = base + "/Devices/" + id;
  EXPECT_TRUE(made.header("Location")->ends_with(one)) << *made.header("Location");
  EXPECT_EQ(made.header("ETag"), "W/\"1\"");
  EXPECT_EQ(made.json().find("meta")->stringAt("resourceType"), "Device");
  EXPECT_NE(made.body.find("\"weight\":1.50"), std::string::npos) << "numbers stay exact";
  EXPECT_EQ(made.body.find("pairingCode"), std::string::npos);

  const Answer read = send("GET", one);
  ASSERT_EQ(read.status, 200);
  EXPECT_EQ(read.body, made.body);
  EXPECT_EQ(send("GET", one, {}, {"If-None-Match: W/\"1\""}).status, 304);
  EXPECT_EQ(ask(one + "?attributes=model,displayName").find("weight"), nullptr);
  EXPECT_EQ(send("GET", base + "/Users/" + id).status, 404);
  EXPECT_EQ(send("GET", base + "/Rooms/" + id).status, 404);

  // The same again changes nothing.
  const Answer same = send("PUT", one, device(R"(
      "displayName":"Laptop","serialNumber":"S1","weight":1.50,"externalId":"x",
      "interfaces":[{"value":"02:AA","type":"wired","primary":true}])"));
  EXPECT_EQ(same.status, 200) << same.body;
  EXPECT_EQ(same.header("ETag"), "W/\"1\"");
  const Answer put =
      send("PUT", one, device(R"("displayName":"Notebook","model":"M")"), {"If-Match: W/\"1\""});
  ASSERT_EQ(put.status, 200) << put.body;
  EXPECT_EQ(put.header("ETag"), "W/\"2\"");
  EXPECT_EQ(put.json().find("weight"), nullptr);
  EXPECT_EQ(put.json().stringAt("serialNumber"), "S1") << "immutable values outlive absence";
  expectError(send("PUT", one, device(R"("displayName":"Notebook","serialNumber":"S2")")), 400,
              "mutability");
  EXPECT_EQ(send("PUT", one, device(R"("displayName":"n")"), {"If-Match: W/\"1\""}).status, 412);
  expectError(send("PUT", one, device(R"("model":"M")")), 400, "invalidValue");

  const Answer patched = send("PATCH", one, patch(R"(
      {"op":"add","path":"interfaces","value":[{"value":"02:BB","type":"wired"},{"value":"02:CC","type":"lte"}]},
      {"op":"replace","path":"interfaces[type eq \"wired\"].value","value":"02:DD"},
      {"op":"remove","path":"model"},
      {"op":"add","value":{"weight":2}})"));
  ASSERT_EQ(patched.status, 200) << patched.body;
  EXPECT_EQ(patched.header("ETag"), "W/\"3\"");
  EXPECT_NE(patched.body.find(R"("weight":2,)"), std::string::npos) << patched.body;
  EXPECT_EQ(patched.json().find("model"), nullptr);
  EXPECT_EQ((*patched.json().find("interfaces")->array())[0].stringAt("value"), "02:DD");
  expectError(send("PATCH", one, patch(R"({"op":"replace","path":"serialNumber","value":"T"})")),
              400, "mutability");
  expectError(send("PATCH", one, patch(R"({"op":"remove","path":"displayName"})")), 400,
              "mutability");
  EXPECT_EQ(filtered(R"(interfaces.value eq "02:dd")"), "Notebook");
  EXPECT_EQ(filtered(R"(interfaces.value eq "02:aa")"), "");

  EXPECT_EQ(send("DELETE", one, {}, {"If-Match: W/\"1\""}).status, 412);
  EXPECT_EQ(send("DELETE", one).status, 204);
  EXPECT_EQ(send("DELETE", one).status, 404);
  EXPECT_EQ(send("GET", one).status, 404);
  EXPECT_EQ(send("PATCH", one, patch(R"({"op":"remove","path":"model"})")).status, 404);
  EXPECT_EQ(filtered(R"(interfaces.value eq "02:dd")"), "");
}

// C3
TEST_F(OwnTypes, UniqueValuesAreTakenOnce) {
  addThree();
  for (const char* members :
       {R"("displayName":"B")", R"("displayName":"n","serialNumber":"S1")",
        R"("displayName":"n","interfaces":[{"value":"03"},{"value":"02:aa"}])"}) {
    SCOPED_TRACE(members);
    expectError(send("POST", base + "/Devices", device(members)), 409, "uniqueness");
  }
  // Neither unique nor, in this case, equal.
  add(R"("displayName":"n","model":"X","serialNumber":"s1")");
  // Another type, and another domain, have names of their own.
  SetUp();
  addThree();
}

TEST_F(OwnTypes, AreFilteredSortedAndPaged) {
  addThree();
  const std::map<std::string, std::string> filters = {
      {R"(serialNumber eq "S2")", "A"},
      {R"(serialNumber eq "s2")", ""},
      {R"(model eq "x")", "b c"},
      {R"(owner.value eq "u-1" or displayName eq "a")", "A c"},
      {R"(interfaces[value eq "02:bb" and type eq "wireless"])", "c"},
      {R"(interfaces[value eq "02:bb" and type eq "wired"])", ""},
      {R"(weight gt 9.6)", "b"},
      {R"(weight eq 9.50)", "A"},
      {R"(active eq false)", "c"},
      {R"(purchased lt "2026-03-01T01:00:00+01:00")", ""},
      {R"(purchased le "2026-03-01T02:00:00+02:00")", "c"},
      {R"(model sw "x" and not (active eq true))", "c"},
      {R"(urn:example:params:scim:schemas:core:1.0:Device:displayName co "B")", "b"},
      {R"(meta.resourceType eq "Device")", "b A c"},
  };
  for (const auto& [filter, names] : filters) {
    SCOPED_TRACE(filter);
    EXPECT_EQ(filtered(filter), names);
  }
  expectError(send("GET", base + "/Devices?filter=" + percentEncode("active gt true")), 400,
              "invalidFilter");
  expectError(send("GET", base + "/Devices?filter=" + percentEncode(R"(pairingCode eq "0")")), 400,
              "invalidFilter");

  EXPECT_EQ(namesIn(ask(base + "/Devices?sortBy=displayName")), "A b c");
  EXPECT_EQ(namesIn(ask(base + "/Devices?sortBy=weight&sortOrder=descending")), "c b A");
  const auto page = ask(base + "/Devices?sortBy=displayName&startIndex=2&count=1");
  EXPECT_EQ(namesIn(page), "b");
  EXPECT_EQ(numberOf(page, "totalResults"), 3);

  for (const char* order : {"", "&sortBy=weight", "&sortBy=displayName"}) {
    SCOPED_TRACE(order);
    std::string cursor;
    std::multiset<std::string> walked;
    do {
      const auto part = ask(base + "/Devices?count=2&cursor=" + percentEncode(cursor) + order);
      for (const auto& each : *part.find("Resources")->array()) {
        walked.insert(textOf(each, "displayName"));
      }
      cursor = textOf(part, "nextCursor");
    } while (!cursor.empty());
    EXPECT_EQ(walked, (std::multiset<std::string>{"A", "b", "c"}));
  }
}

TEST_F(OwnTypes, AreSearchedWithTheOthersAtTheRoot) {
  addThree();
  const Answer user = send("POST", base + "/Users", R"({
      "schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"anna","displayName":"b"})");
  ASSERT_EQ(user.status, 201) << user.body;
  EXPECT_EQ(namesIn(ask(base + "?attributes=displayName")), "b b A c");
  EXPECT_EQ(numberOf(ask(base), "totalResults"), 4);
  const std::string by_name =
      R"({"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],)"
      R"("filter":"displayName eq \"b\"","attributes":["displayName"]})";
  for (const auto& [path, total] : std::map<std::string, int>{{"/.search", 2},
                                                              {"/Devices/.search", 1},
                                                              {"/Users/.search", 1},
                                                              {"/Groups/.search", 0}}) {
    SCOPED_TRACE(path);
    const Answer found = send("POST", base + path, by_name);
    ASSERT_EQ(found.status, 200) << found.body;
    EXPECT_EQ(numberOf(found.json(), "totalResults"), total);
  }
  // An attribute that one type alone has, from an index and from a scan.
  for (const char* filter : {R"(serialNumber eq "S2")", "weight lt 10"}) {
    EXPECT_EQ(namesIn(ask(base + "?filter=" + percentEncode(filter))), "A");
  }
  // A walk over all types: each once.
  std::string cursor;
  std::multiset<std::string> types;
  do {
    const auto part = ask(base + "?count=1&cursor=" + percentEncode(cursor));
    for (const auto& each : *part.find("Resources")->array()) {
      types.insert(textOf(*each.find("meta"), "resourceType"));
    }
    cursor = textOf(part, "nextCursor");
  } while (!cursor.empty());
  EXPECT_EQ(types, (std::multiset<std::string>{"Device", "Device", "Device", "User"}));
}

TEST_F(OwnTypes, TakePartInBulkRequests) {
  const auto old = add(R"("displayName":"old")");
  const Answer answer = send("POST", base + "/Bulk",
                             R"({
      "schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":[
      {"method":"POST","path":"/Devices","bulkId":"d","data":{"schemas":[")" +
                                 std::string(kDeviceUrn) + R"("],
        "displayName":"new","owner":{"value":"bulkId:u","$ref":"Users/bulkId:u"}}},
      {"method":"POST","path":"/Users","bulkId":"u","data":{
        "schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ben",
        "profileUrl":"https://h/x","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":
        {"manager":{"value":"bulkId:d"}}}},
      {"method":"PATCH","path":"/Devices/)" +
                                 old + R"(","data":{
        "schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations":[{"op":"add","path":"owner.value","value":"bulkId:u"}]}},
      {"method":"PUT","path":"/Devices/bulkId:d","data":{"schemas":[")" +
                                 kDeviceUrn + R"("],
        "displayName":"newer","owner":{"value":"bulkId:u"}}},
      {"method":"POST","path":"/Devices","bulkId":"e","data":{"schemas":[")" +
                                 kDeviceUrn + R"("],
        "displayName":"NEWER"}},
      {"method":"DELETE","path":"/Devices/)" +
                                 old + R"("}]})");
  ASSERT_EQ(answer.status, 200) << answer.body;
  const auto body = answer.json();
  std::string statuses;
  for (const auto& each : *body.find("Operations")->array())
    statuses += textOf(each, "status") + " ";
  EXPECT_EQ(statuses, "201 201 200 200 409 204 ") << answer.body;
  EXPECT_EQ(send("GET", base + "/Devices/" + old).status, 404);
  const auto user = ask(base + "/Users?filter=" + percentEncode(R"(userName eq "ben")"));
  const auto user_id = textOf((*user.find("Resources")->array())[0], "id");
  EXPECT_EQ(filtered("owner.value eq \"" + user_id + "\""), "newer");
  const auto made = ask(base + "/Devices?attributes=id");
  const auto device_id = textOf((*made.find("Resources")->array())[0], "id");
  EXPECT_NE(json::write(user).find(device_id), std::string::npos) << json::write(user);
}

TEST_F(OwnTypes, BelongToTheDomainOfTheirNameOrOfTheRequest) {
  const std::string all = "/scim/v2";
  const Answer named =
      send("POST", all + "/Devices", device(R"("displayName":")" + domain + R"(/box")"));
  ASSERT_EQ(named.status, 201) << named.body;
  const auto id = textOf(named.json(), "id");
  EXPECT_EQ(named.json().stringAt("displayName"), domain + "/box");
  EXPECT_EQ(ask(base + "/Devices/" + id).stringAt("displayName"), "box");
  EXPECT_EQ(namesIn(ask(
                all + "/Devices?filter=" + percentEncode("displayName eq \"" + domain + "/BOX\""))),
            domain + "/box");
  const auto one = all + "/Devices/" + id;
  EXPECT_EQ(
      send("PATCH", one,
           patch(R"({"op":"replace","path":"displayName","value":")" + domain + R"(/crate"})"))
          .json()
          .stringAt("displayName"),
      domain + "/crate");
  expectError(send("PUT", one, device(R"("displayName":"crate")")), 400, "mutability");
  expectError(send("POST", all + "/Devices", device(R"("displayName":"NOPE/box")")), 400,
              "invalidValue");
  expectError(send("POST", "/domains/PRIMARY/scim/v2/Devices", device(R"("displayName":"a/b")")),
              400, "invalidValue");

  // A room has no name: the request says where it is, or it is in PRIMARY.
  const std::string room = R"({"schemas":[")" + std::string(kRoomUrn) + R"("],"floor":3})";
  for (const auto& [target, home] :
       std::map<std::string, std::string>{{all + "/Rooms", "PRIMARY"},
                                          {all + "/Rooms?domain=" + domain, domain},
                                          {base + "/Rooms", domain}}) {
    SCOPED_TRACE(target);
    const Answer made = send("POST", target, room);
    ASSERT_EQ(made.status, 201) << made.body;
    const auto path = "/scim/v2/Rooms/" + textOf(made.json(), "id");
    EXPECT_EQ(send("GET", "/domains/" + home + path).status, 200);
    const Answer put = send("PUT", all + "/Rooms/" + textOf(made.json(), "id"),
                            R"({"schemas":[")" + std::string(kRoomUrn) + R"("],"floor":4})");
    EXPECT_EQ(put.status, 200) << put.body;
    EXPECT_EQ(send("PATCH", path, patch(R"({"op":"replace","path":"floor","value":5})")).status,
              200);
  }
  EXPECT_EQ(numberOf(ask(base + "/Rooms?filter=" + percentEncode("floor eq 5")), "totalResults"),
            2);
  EXPECT_EQ(numberOf(ask(base + "/Rooms?sortBy=floor"), "totalResults"), 2);
}

TEST_F(OwnTypes, SurviveARestart) {
  const auto id = add(R"("displayName":"kept","serialNumber":"S1")");
  const Answer before = send("GET", base + "/Devices/" + id);
  server().restart();
  const Answer after = send("GET", base + "/Devices/" + id);
  EXPECT_EQ(after.header("ETag"), before.header("ETag"));
  EXPECT_EQ(after.json().find("meta")->stringAt("created"),
            before.json().find("meta")->stringAt("created"));
  EXPECT_EQ(filtered(R"(serialNumber eq "S1")"), "kept");
  expectError(send("POST", base + "/Devices", device(R"("displayName":"Kept")")), 409,
              "uniqueness");
}

}  // namespace
}  // namespace vestibule::test
