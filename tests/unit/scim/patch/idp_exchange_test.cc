// The exchanges of identity providers, played against the pure core: what a server does around it
// is only as much as they need.

#include "support/idp_exchange.h"

#include <gtest/gtest.h>

#include <set>

#include "base/unicode.h"
#include "scim/message.h"
#include "scim/resource/project.h"
#include "unit/scim/patch/patch_fixture.h"

namespace vestibule::scim {
namespace {

using vestibule::test::Exchange;
using vestibule::test::ExchangeIds;
using vestibule::test::ExchangeRequest;
using vestibule::test::ExchangeStep;

struct Answer {
  int status = 200;
  json::Value body;
};

/// Users and groups in memory, handled by the pure core.
class CoreServer {
 public:
  Answer handle(const ExchangeRequest& request) {
    Result<Answer> answer = dispatch(request);
    if (answer) return std::move(*answer);
    const ErrorKind kind = answer.error().kind;
    const int status = kind == ErrorKind::kUniqueness ? 409
                       : kind == ErrorKind::kNotFound ? 404
                                                      : 400;
    return {status, test::parsed(errorBody(status, scimType(kind), answer.error().detail))};
  }

 private:
  struct Stored {
    const ResourceType* type = nullptr;
    json::Object attributes;
    std::vector<std::string> members;
  };

  static const Registry& registry() { return *test::schemas().registry; }

  Result<Answer> dispatch(const ExchangeRequest& request) {
    std::string path = request.path;
    if (path.ends_with('/')) path.pop_back();
    const ResourceType& type =
        path.starts_with("/Users") ? *test::schemas().user : *test::schemas().group;
    const std::string id =
        path.size() > type.endpoint.size() ? path.substr(type.endpoint.size() + 1) : "";
    if (id.empty())
      return request.method == "POST" ? create(type, *request.body) : list(type, request);
    const auto found = stored_.find(id);
    if (found == stored_.end()) return failure(ErrorKind::kNotFound, "not found");
    if (request.method == "PATCH") return patch(id, found->second, *request.body);
    Result<Projection> projection = projectionOf(type, request);
    if (!projection) return propagate(projection);
    return Answer{200, projection->apply(type, complete(id, found->second))};
  }

  Result<Answer> create(const ResourceType& type, const json::Value& body) {
    Result<ValidResource> valid = validateCreate(registry(), type, body);
    if (!valid) return propagate(valid);
    Stored stored{&type, std::move(valid->attributes), {}};
    if (const json::Value* members = body.find("members")) {
      Result<std::vector<std::string>> values = memberValues(*members);
      if (!values) return propagate(values);
      stored.members = std::move(*values);
    }
    const std::string id = "id-" + std::to_string(stored_.size() + 1);
    if (Result<void> kept = keep(id, std::move(stored)); !kept) return propagate(kept);
    return Answer{201, complete(id, stored_.at(id))};
  }

  Result<Answer> patch(const std::string& id, const Stored& before, const json::Value& body) {
    const ResourceType& type = *before.type;
    Result<std::vector<PatchOperation>> operations = parsePatch(registry(), type, body);
    if (!operations) return propagate(operations);
    Stored after = before;
    if (const Attribute* members = type.schema->find("members")) {
      Result<GroupPatch> group = splitMembership(*members, std::move(*operations));
      if (!group) return propagate(group);
      for (const MemberStep& step : group->members) applyStep(step, after.members);
      operations = std::move(group->rest);
    }
    Result<json::Object> attributes = applyPatch(registry(), type, before.attributes, *operations);
    if (!attributes) return propagate(attributes);
    after.attributes = std::move(*attributes);
    if (Result<void> kept = keep(id, std::move(after)); !kept) return propagate(kept);
    return Answer{204, {}};
  }

  static void applyStep(const MemberStep& step, std::vector<std::string>& members) {
    const std::set<std::string> values(step.values.begin(), step.values.end());
    switch (step.kind) {
      case MemberStep::Kind::kReplaceAll:
      case MemberStep::Kind::kRemoveAll:
        members = step.values;
        break;
      case MemberStep::Kind::kAdd:
        for (const std::string& value : step.values) {
          if (std::find(members.begin(), members.end(), value) == members.end()) {
            members.push_back(value);
          }
        }
        break;
      case MemberStep::Kind::kRemove:
        std::erase_if(members, [&](const std::string& id) { return values.contains(id); });
        break;
      case MemberStep::Kind::kRemoveMatching:
        std::erase_if(members, [&](const std::string& id) {
          return evaluateElement(*step.matching, json::Object{{"value", id}, {"type", "User"}});
        });
        break;
    }
  }

  /// What the database checks: names are unique, members exist, passwords are not stored as they
  /// came.
  Result<void> keep(const std::string& id, Stored stored) {
    for (const std::string& member : stored.members) {
      if (!stored_.contains(member)) return failure(ErrorKind::kInvalidValue, "no such member");
    }
    stored.attributes.erase("password");
    if (const json::Value* name = stored.attributes.find("userName")) {
      const Result<std::string> key = prepareUserName(*name->string());
      if (!key) return tl::make_unexpected(key.error());
      for (const auto& [other_id, other] : stored_) {
        const json::Value* taken = other.attributes.find("userName");
        if (other_id != id && taken != nullptr && *prepareUserName(*taken->string()) == *key) {
          return failure(ErrorKind::kUniqueness, "the user name is taken");
        }
      }
    }
    stored_[id] = std::move(stored);
    return {};
  }

  json::Object complete(const std::string& id, const Stored& stored) const {
    json::Object resource = stored.attributes;
    resource.set("id", id);
    resource.set("meta", json::Object{{"resourceType", stored.type->name},
                                      {"created", "2026-06-01T00:00:00Z"},
                                      {"lastModified", "2026-06-01T00:00:00Z"}});
    json::Array members;
    for (const std::string& member : stored.members) {
      members.emplace_back(json::Object{{"value", member}, {"type", "User"}});
    }
    if (!members.empty()) resource.set("members", std::move(members));
    return resource;
  }

  static Result<Projection> projectionOf(const ResourceType& type, const ExchangeRequest& request) {
    std::vector<std::string> named;
    std::vector<std::string> excluded;
    for (const auto& [name, value] : request.query) {
      if (name == "attributes") named.push_back(value);
      if (name == "excludedAttributes") excluded.push_back(value);
    }
    return Projection::parse(registry(), type, named, excluded);
  }

  Result<Answer> list(const ResourceType& type, const ExchangeRequest& request) const {
    Result<Projection> projection = projectionOf(type, request);
    if (!projection) return propagate(projection);
    std::optional<BoundFilter> filter;
    for (const auto& [name, value] : request.query) {
      if (name != "filter") continue;
      Result<BoundFilter> bound = parseFilter(registry(), type, value);
      if (!bound) return propagate(bound);
      filter = std::move(*bound);
    }
    std::vector<std::string> found;
    for (const auto& [id, stored] : stored_) {
      if (stored.type != &type) continue;
      const json::Object resource = complete(id, stored);
      if (filter && !evaluate(*filter, resource)) continue;
      found.push_back(json::write(projection->apply(type, resource)));
    }
    return Answer{200, test::parsed(listResponse(found.size(), 1, found))};
  }

  std::map<std::string, Stored> stored_;
};

class IdpExchange : public ::testing::TestWithParam<std::filesystem::path> {};

TEST_P(IdpExchange, KeepsTheClientGoing) {
  Result<Exchange> exchange = vestibule::test::readExchange(GetParam());
  ASSERT_TRUE(exchange) << exchange.error().detail;
  SCOPED_TRACE(exchange->row + ": " + exchange->name);
  CoreServer server;
  ExchangeIds ids;
  for (const ExchangeStep& step : exchange->steps) {
    const ExchangeRequest request = vestibule::test::filled(step.request, ids);
    const Answer answer = server.handle(request);
    ASSERT_EQ(vestibule::test::mismatch(step.expected, ids, answer.status, answer.body), "")
        << request.method << " " << request.path;
    if (!step.as.empty()) ids[step.as] = answer.body.stringAt("id").value_or("");
  }
}

std::string exchangeName(const ::testing::TestParamInfo<std::filesystem::path>& row) {
  std::string name = row.param.parent_path().filename().string() + "_" + row.param.stem().string();
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Golden, IdpExchange, ::testing::ValuesIn(vestibule::test::exchangeFiles()),
                         exchangeName);

TEST(IdpExchangeFormat, BodiesMatchAsParts) {
  struct Case {
    const char* expected;
    const char* actual;
    bool matches;
  };
  const Case cases[] = {
      {R"({"a": 1})", R"({"b": 2, "a": 1})", true},
      {R"({"a": 1})", R"({"a": 2})", false},
      {R"({"a": null})", R"({"b": 2})", true},
      {R"({"a": null})", R"({"a": null})", false},
      {R"({"a": null})", R"({"a": []})", false},
      {R"([1, 2])", R"([2, 1])", true},
      {R"([1])", R"([2, 1])", false},
      {R"([1, 1])", R"([1, 2])", false},
      {R"([{"a": 1}, {"a": 1, "b": 2}])", R"([{"a": 1, "b": 2}, {"a": 1}])", true},
      {R"([])", R"([1])", false},
      {R"("x")", R"("X")", false},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(vestibule::test::isPartOf(test::parsed(c.expected), test::parsed(c.actual)),
              c.matches)
        << c.expected << " in " << c.actual;
  }
}

}  // namespace
}  // namespace vestibule::scim
