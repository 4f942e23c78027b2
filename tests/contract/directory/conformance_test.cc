// Every combination of characteristics that a schema file may declare, on resources of a type made
// of nothing else (tests/support/conformance_schemas.h). Names carry the numbers of the checklist
// (RFC 7643 §2.2, §7; RFC 7644 §3.4.2).

#include <set>

#include "contract/directory/directory_test.h"
#include "directory/list_cursor.h"
#include "directory/resources.h"
#include "scim/path/attribute_path.h"
#include "support/conformance_schemas.h"

namespace vestibule::directory {
namespace {

using scim::AttributeType;
using scim::Mutability;
using scim::Returned;
using scim::Uniqueness;
using scim::test::kMatrixUrn;
using scim::test::specimenType;
using scim::test::specimenValue;
using scim::test::wrongValue;

class Conformance : public test::DirectoryTest {
 protected:
  Conformance() {
    use(scim::test::conformanceRegistry());
    matrix_ = context_.registry->findSchema(kMatrixUrn);
    context_.cursor_seal = &seal_;
  }

  static std::string pathOf(const scim::Attribute& attribute) {
    return std::string(kMatrixUrn) + ":" + attribute.name;
  }

  /// A body with these values in the extension.
  static json::Value body(json::Object in_extension, json::Object in_core = {}) {
    json::Object resource{{"schemas", json::Array{scim::test::kConformanceUrn, kMatrixUrn}}};
    for (auto& member : in_core) resource.set(member.key, std::move(member.value));
    resource.set(kMatrixUrn, std::move(in_extension));
    return resource;
  }

  /// A body with the n-th value of every attribute for which `takes` says so.
  template <typename Takes>
  json::Value bodyOf(int n, const Takes& takes) {
    json::Object values;
    for (const auto& attribute : matrix_->attributes) {
      if (takes(attribute)) values.set(attribute.name, specimenValue(attribute, n));
    }
    return body(std::move(values));
  }

  Result<Rendered> create(const json::Value& resource) {
    return createResource(context_, everywhere(), specimenType(), resource, {});
  }
  Result<Rendered> replace(const std::string& id, const json::Value& resource) {
    return replaceResource(context_, everywhere(), specimenType(), id, resource, {}, {});
  }
  Result<Rendered> patch(const std::string& id, const std::string& op, const std::string& path,
                         const json::Value& value) {
    json::Object operation{{"op", op}, {"path", path}};
    if (!value.isNull()) operation.set("value", value);
    return patchResource(context_, everywhere(), specimenType(), id,
                         patchBody(json::write(operation)), {}, {});
  }
  json::Value get(const std::string& id, const std::vector<std::string>& attributes = {},
                  const std::vector<std::string>& excluded = {}) {
    const auto projection =
        must(scim::Projection::parse(*context_.registry, specimenType(), attributes, excluded));
    return test::parsed(
        must(getResource(context_, everywhere(), specimenType(), id, projection, {})).body);
  }
  Result<json::Value> list(const std::string& filter, const std::string& sort_by = "",
                           bool descending = false) {
    ListRequest request;
    request.filter = filter;
    request.has_filter = !filter.empty();
    request.sort_by = sort_by;
    request.descending = descending;
    auto text = listResources(context_, everywhere(), {{&specimenType(), {}}}, request);
    if (!text) return propagate(text);
    return test::parsed(*text);
  }
  /// The `plain` attributes of what is found, in order.
  std::string found(const std::string& filter, const std::string& sort_by = "",
                    bool descending = false) {
    const auto page = must(list(filter, sort_by, descending));
    std::string names;
    const auto* resources = page.find("Resources");
    if (resources == nullptr) return names;
    for (const auto& each : *resources->array()) {
      names += (names.empty() ? "" : " ") + std::string(each.stringAt("plain").value_or("-"));
    }
    return names;
  }

  /// The attribute's value in a rendered resource, or null.
  static const json::Value* valueIn(const json::Value& resource, const scim::Attribute& attribute) {
    const auto* extension = resource.find(kMatrixUrn);
    return extension == nullptr ? nullptr : extension->find(attribute.name);
  }

  /// What has to be seen of attributes that have a value: `by_request` tells whether those returned
  /// on request are among them.
  void expectShown(const json::Value& resource, bool by_request, const std::string& where) {
    SCOPED_TRACE(where);
    for (const auto& attribute : matrix_->attributes) {
      const bool has_value = attribute.mutability != Mutability::kReadOnly;
      const bool shown = has_value && (attribute.returned == Returned::kAlways ||
                                       attribute.returned == Returned::kDefault ||
                                       (by_request && attribute.returned == Returned::kRequest));
      EXPECT_EQ(valueIn(resource, attribute) != nullptr, shown) << attribute.name;
    }
  }

  const scim::Schema* matrix_ = nullptr;
  CursorSeal seal_{Secret(std::string(32, 'k')), std::chrono::seconds(60)};
};

bool isWritten(const scim::Attribute& attribute) {
  return attribute.mutability != Mutability::kReadOnly;
}
bool isAny(const scim::Attribute&) { return true; }

TEST_F(Conformance, A3_A1_TheMatrixIsWholeAndDefaultsAreThoseOfTheRfc) {
  // 12 pairs of mutability and returned, times caseExact, for 8 types; 9 of them, times 2, for the
  // 6 types that can be unique.
  EXPECT_EQ(matrix_->attributes.size(), 8U * 12 * 2 + 6U * 9 * 2 * 2);
  const auto& plain = *specimenType().schema->find("plain");
  EXPECT_EQ(plain.type, AttributeType::kString);
  EXPECT_EQ(plain.mutability, Mutability::kReadWrite);
  EXPECT_EQ(plain.returned, Returned::kDefault);
  EXPECT_EQ(plain.uniqueness, Uniqueness::kNone);
  EXPECT_FALSE(plain.required || plain.multi_valued || plain.case_exact);
  EXPECT_TRUE(plain.canonical_values.empty());
}

TEST_F(Conformance, A4_ValuesOfAnotherTypeAreRefused) {
  const auto id = must(create(bodyOf(1, isWritten))).meta.id.text();
  for (const auto& attribute : matrix_->attributes) {
    SCOPED_TRACE(attribute.name);
    const auto wrong = wrongValue(attribute);
    const auto made = create(body({{attribute.name, wrong}}));
    if (attribute.mutability == Mutability::kReadOnly) {
      EXPECT_TRUE(made) << "what a client says of it is ignored";
      continue;
    }
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().kind, ErrorKind::kInvalidValue);
    EXPECT_EQ(made.error().attribute, pathOf(attribute));
    const auto put = replace(id, body({{attribute.name, wrong}}));
    ASSERT_FALSE(put);
    EXPECT_EQ(put.error().kind, ErrorKind::kInvalidValue);
    const auto patched = patch(id, "replace", pathOf(attribute), wrong);
    ASSERT_FALSE(patched);
    EXPECT_TRUE(patched.error().kind == ErrorKind::kInvalidValue ||
                patched.error().kind == ErrorKind::kMutability);
  }
  EXPECT_EQ(must(replace(id, bodyOf(1, isWritten))).meta.version, Version(1));
}

TEST_F(Conformance, A25_ReadOnlyNeverChangesAndImmutableIsSetOnce) {
  const auto made = must(create(bodyOf(1, isAny)));
  const auto id = made.meta.id.text();
  for (const auto& attribute : matrix_->attributes) {
    SCOPED_TRACE(attribute.name);
    const auto other = specimenValue(attribute, 2);
    // A PUT of everything as it is, but for this one.
    json::Object values;
    for (const auto& each : matrix_->attributes) {
      values.set(each.name, &each == &attribute ? other : specimenValue(each, 1));
    }
    if (attribute.mutability == Mutability::kImmutable) {
      const auto put = replace(id, body(values));
      ASSERT_FALSE(put);
      EXPECT_EQ(put.error().kind, ErrorKind::kMutability);
      EXPECT_EQ(put.error().attribute, pathOf(attribute));
    }
    if (attribute.mutability == Mutability::kReadOnly) {
      const auto version = must(replace(id, bodyOf(1, isAny))).meta.version;
      EXPECT_EQ(must(replace(id, body(values))).meta.version, version);
    }
    const auto patched = patch(id, "replace", pathOf(attribute), other);
    const auto removed = patch(id, "remove", pathOf(attribute), {});
    if (attribute.mutability == Mutability::kReadOnly ||
        attribute.mutability == Mutability::kImmutable) {
      ASSERT_FALSE(patched);
      EXPECT_EQ(patched.error().kind, ErrorKind::kMutability);
      ASSERT_FALSE(removed);
      EXPECT_EQ(removed.error().kind, ErrorKind::kMutability);
    } else {
      EXPECT_TRUE(patched) << patched.error().detail;
      EXPECT_TRUE(removed) << removed.error().detail;
      EXPECT_TRUE(patch(id, "add", pathOf(attribute), specimenValue(attribute, 1)));
    }
  }
  const auto after = get(id);
  for (const auto& attribute : matrix_->attributes) {
    const auto* value = valueIn(after, attribute);
    EXPECT_TRUE(value == nullptr || *value == specimenValue(attribute, 1)) << attribute.name;
  }
  // An immutable attribute without a value takes one, once; it outlives a PUT without it.
  const auto empty = must(create(body({}, {{"plain", "x"}}))).meta.id.text();
  for (const auto& attribute : matrix_->attributes) {
    if (attribute.mutability != Mutability::kImmutable) continue;
    SCOPED_TRACE(attribute.name);
    EXPECT_TRUE(patch(empty, "add", pathOf(attribute), specimenValue(attribute, 4)));
    const auto again = patch(empty, "add", pathOf(attribute), specimenValue(attribute, 3));
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().kind, ErrorKind::kMutability);
    const auto kept = must(replace(empty, body({}, {{"plain", "y"}})));
    const auto shown = get(empty, {pathOf(attribute)});
    if (attribute.returned != Returned::kNever) {
      ASSERT_NE(valueIn(shown, attribute), nullptr);
      EXPECT_EQ(*valueIn(shown, attribute), specimenValue(attribute, 4));
    }
  }
}

TEST_F(Conformance, A26_WhatIsReturnedInEveryAnswer) {
  const auto made = must(create(bodyOf(1, isAny)));
  const auto id = made.meta.id.text();
  expectShown(test::parsed(made.body), true, "POST, which sent all");
  expectShown(get(id), false, "GET");
  expectShown((*must(list("")).find("Resources")->array())[0], false, "list");
  expectShown((*must(list("plain pr or not (plain pr)")).find("Resources")->array())[0], false,
              "list with a filter");
  expectShown(test::parsed(must(replace(id, bodyOf(1, isAny))).body), true, "PUT, which sent all");
  expectShown(test::parsed(must(patch(id, "add", "plain", "x")).body), false,
              "PATCH of another attribute");
  for (const auto& attribute : matrix_->attributes) {
    SCOPED_TRACE(attribute.name);
    const bool readable = isWritten(attribute) && attribute.returned != Returned::kNever;
    const auto only = get(id, {pathOf(attribute)});
    EXPECT_EQ(valueIn(only, attribute) != nullptr, readable);
    EXPECT_EQ(only.find("plain"), nullptr);
    const auto others = get(id, {}, {pathOf(attribute)});
    EXPECT_EQ(valueIn(others, attribute) != nullptr,
              readable && attribute.returned == Returned::kAlways);
    EXPECT_NE(others.find("plain"), nullptr);
    if (attribute.mutability != Mutability::kReadWrite) continue;
    const auto patched = test::parsed(
        must(patch(id, "replace", pathOf(attribute), specimenValue(attribute, 1))).body);
    EXPECT_EQ(valueIn(patched, attribute) != nullptr, readable) << "PATCH that sent it";
  }
}

TEST_F(Conformance, C3_UniqueValuesAreTakenOnceByTheComparisonOfTheirType) {
  int checked = 0;
  for (const auto& attribute : matrix_->attributes) {
    if (!isWritten(attribute) || attribute.type == AttributeType::kComplex) continue;
    SCOPED_TRACE(attribute.name);
    const bool unique = attribute.uniqueness != Uniqueness::kNone;
    const auto with = [&](const json::Value& value) { return body({{attribute.name, value}}); };
    const auto expectTaken = [&](const Result<Rendered>& result) {
      EXPECT_EQ(result.has_value(), !unique);
      if (result || !unique) return;
      EXPECT_EQ(result.error().kind, ErrorKind::kUniqueness);
      EXPECT_EQ(result.error().attribute, pathOf(attribute));
    };
    const auto first = must(create(with(specimenValue(attribute, 1)))).meta.id.text();
    expectTaken(create(with(specimenValue(attribute, 1))));
    const auto second = must(create(with(specimenValue(attribute, 2)))).meta.id.text();
    const auto third = must(create(body({}, {{"plain", "x"}}))).meta.id.text();
    expectTaken(patch(third, "add", pathOf(attribute), specimenValue(attribute, 1)));
    expectTaken(replace(third, with(specimenValue(attribute, 1))));
    if (unique && attribute.type == AttributeType::kString) {
      const auto cased = create(with("VALUE 1"));
      if (attribute.case_exact) {
        EXPECT_TRUE(cased);
      } else {
        expectTaken(cased);
      }
    }
    if (unique && attribute.type == AttributeType::kDateTime) {
      expectTaken(create(with("2026-01-01T01:00:00+01:00")));
    }
    if (unique && attribute.type == AttributeType::kDecimal) expectTaken(create(with(1.5)));
    if (unique) {
      ++checked;
      must(deleteResource(context_, everywhere(), specimenType(), first, {}));
      EXPECT_TRUE(patch(third, "add", pathOf(attribute), specimenValue(attribute, 1)));
      // In another domain it is free.
      EXPECT_TRUE(createResource(context_, inDomain("CORP"), specimenType(),
                                 with(specimenValue(attribute, 2)), {}));
    }
    (void)second;
  }
  EXPECT_EQ(checked, 6 * 6 * 2 * 2);
}

TEST_F(Conformance, AResourceWithoutANameGoesWhereTheRequestSaysOrToPrimary) {
  const auto resource = body({}, {{"plain", "x"}});
  const auto made = [&](const View& view) {
    return must(createResource(context_, view, specimenType(), resource, {})).meta.id.domain();
  };
  const auto corp = catalog_->current()->findDomain("CORP")->tables().number;
  const auto primary = catalog_->current()->primary().tables().number;
  EXPECT_EQ(made(everywhere()), primary);
  EXPECT_EQ(made(everywhere("CORP")), corp);
  EXPECT_EQ(made(inDomain("CORP")), corp);
  // Who does not see PRIMARY has to say it.
  Principal of_corp;
  of_corp.all_domains = false;
  of_corp.domains = {corp};
  const auto view = [&](std::optional<std::string_view> only) {
    return must(View::overAllDomains(catalog_->current(), of_corp, "https://h/scim/v2", only));
  };
  const auto refused = createResource(context_, view({}), specimenType(), resource, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kInvalidValue);
  EXPECT_EQ(refused.error().attribute, "domain");
  EXPECT_EQ(made(view("CORP")), corp);
}

/// Resources a to d with the values 1, 2, 2 and none of every core attribute.
class ConformanceLists : public Conformance {
 protected:
  void SetUp() override {
    for (const auto& [name, n] :
         std::vector<std::pair<std::string, int>>{{"a", 1}, {"b", 2}, {"c", 2}, {"d", 0}}) {
      json::Object values{{"plain", name}};
      for (const auto& attribute : specimenType().schema->attributes) {
        if (n == 0 || attribute.name == "plain") continue;
        if (attribute.name == "parts") {
          values.set("parts", json::Array{json::Object{{"value", "x"}, {"size", 9 - n}},
                                          json::Object{{"value", "Part " + std::to_string(n)},
                                                       {"size", n},
                                                       {"primary", true}}});
        } else if (attribute.multi_valued) {
          values.set(attribute.name, json::Array{specimenValue(attribute, n)});
        } else {
          values.set(attribute.name, specimenValue(attribute, n));
        }
      }
      must(create(body({}, std::move(values))));
    }
  }

  static std::string literal(const scim::Attribute& attribute, int n) {
    return json::write(specimenValue(attribute, n));
  }
};

TEST_F(ConformanceLists, E5_E6_E8_EveryOperatorOnEveryType) {
  for (const auto& attribute : specimenType().schema->attributes) {
    if (attribute.name == "plain" || attribute.name == "parts") continue;
    SCOPED_TRACE(attribute.name);
    const bool ordered =
        attribute.type != AttributeType::kBoolean && attribute.type != AttributeType::kBinary;
    const bool text =
        attribute.type == AttributeType::kString || attribute.type == AttributeType::kReference;
    const auto ask = [&](const std::string& op, int n) {
      return found(attribute.name + " " + op + " " + literal(attribute, n));
    };
    EXPECT_EQ(ask("eq", 1), "a");
    EXPECT_EQ(ask("eq", 2), "b c");
    EXPECT_EQ(ask("ne", 2), "a d");
    EXPECT_EQ(found(attribute.name + " pr"), "a b c");
    EXPECT_EQ(found("not (" + attribute.name + " pr)"), "d");
    EXPECT_EQ(found(attribute.name + " eq null"), "d");
    const std::map<std::string, std::string> orders = {
        {"gt", "b c"}, {"ge", "a b c"}, {"lt", ""}, {"le", "a"}};
    for (const auto& [op, names] : orders) {
      if (ordered) {
        EXPECT_EQ(ask(op, 1), names) << op;
        continue;
      }
      const auto refused = list(attribute.name + " " + op + " " + literal(attribute, 1));
      ASSERT_FALSE(refused) << op;
      EXPECT_EQ(refused.error().kind, ErrorKind::kInvalidFilter);
    }
    for (const char* op : {"co", "sw", "ew"}) {
      if (text) {
        EXPECT_EQ(ask(op, 2), "b c") << op;
        continue;
      }
      EXPECT_EQ(list(attribute.name + " " + op + " " + literal(attribute, 1)).has_value(), false)
          << op;
    }
  }
}

TEST_F(ConformanceLists, E6_ValuesAreComparedAndNotTheirSpelling) {
  const std::map<std::string, std::string> filters = {
      {R"(oneDateTime eq "2026-01-01T01:00:00+01:00")", "a"},
      {R"(indexedDateTime eq "2026-01-01T01:00:00.000+01:00")", "a"},
      {R"(oneDateTime gt "2026-01-01T23:59:59.999Z")", "b c"},
      {"oneDecimal eq 15e-1", "a"},
      {"indexedDecimal eq 1.50", "a"},
      {"oneDecimal lt 10", "a b c"},
      {"indexedInteger lt 10", "a b c"},
      {"manyInteger ge 2", "b c"},
      // The same instant as text would not be in this order.
      {R"(oneDateTime lt "2026-01-02T00:30:00+01:00")", "a"},
  };
  for (const auto& [filter, names] : filters) EXPECT_EQ(found(filter), names) << filter;
  for (const char* filter : {R"(oneInteger eq "1")", "oneInteger eq 1.5", R"(oneBoolean eq "true")",
                             R"(oneDateTime eq "yesterday")", R"(parts.size eq "x")"}) {
    const auto refused = list(filter);
    ASSERT_FALSE(refused) << filter;
    EXPECT_EQ(refused.error().kind, ErrorKind::kInvalidFilter) << filter;
  }
}

TEST_F(ConformanceLists, E7_CaseExactDecides) {
  for (const char* index : {"one", "indexed"}) {
    const std::string name(index);
    EXPECT_EQ(found(name + R"(String eq "VALUE 1")"), "a");
    EXPECT_EQ(found(name + R"(String sw "vALUE 2")"), "b c");
    EXPECT_EQ(found(name + R"(Exact eq "VALUE 1")"), "");
    EXPECT_EQ(found(name + R"(Exact eq "Value 1")"), "a");
    EXPECT_EQ(found(name + R"(Exact sw "value")"), "");
    EXPECT_EQ(found(name + R"(Reference eq "HTTPS://h.example/1")"), "");
  }
}

TEST_F(ConformanceLists, E8_AnyOfSeveralValuesMatchesAndAComplexOneByItsValue) {
  EXPECT_EQ(found(R"(parts eq "part 1")"), "a");
  EXPECT_EQ(found(R"(parts co "part")"), "a b c");
  EXPECT_EQ(found(R"(parts.size eq 7)"), "b c");
  EXPECT_EQ(found(R"(parts[value eq "x" and size eq 7])"), "b c");
  EXPECT_EQ(found(R"(parts[value eq "x" and size eq 2])"), "");
}

TEST_F(ConformanceLists, E13_WhatIsNeverReturnedIsNotFilteredAndNotSortedBy) {
  int hidden = 0;
  for (const auto& attribute : matrix_->attributes) {
    if (attribute.returned != Returned::kNever) continue;
    SCOPED_TRACE(attribute.name);
    ++hidden;
    const auto filtered = list(pathOf(attribute) + " pr");
    ASSERT_FALSE(filtered);
    EXPECT_EQ(filtered.error().kind, ErrorKind::kInvalidFilter);
    if (attribute.type == AttributeType::kComplex) continue;
    const auto sorted = list("", pathOf(attribute));
    ASSERT_FALSE(sorted);
    EXPECT_EQ(sorted.error().kind, ErrorKind::kSensitive);
  }
  EXPECT_EQ(hidden, 8 * 3 * 2);
}

TEST_F(ConformanceLists, I2_I3_I4_EveryTypeHasItsOrder) {
  for (const auto& attribute : specimenType().schema->attributes) {
    SCOPED_TRACE(attribute.name);
    if (attribute.name == "plain") {
      EXPECT_EQ(found("", "plain"), "a b c d");
      continue;
    }
    EXPECT_EQ(found("", attribute.name), "a b c d");
    EXPECT_EQ(found("", attribute.name, true), "d c b a");
    EXPECT_EQ(found("plain ne \"b\"", attribute.name, true), "d c a");
  }
  // The primary element, not the first.
  EXPECT_EQ(found("", "parts.size"), "a b c d");
  // By value: ten is more than nine, and text is ordered without its case.
  must(create(body({}, {{"plain", "e"},
                        {"oneInteger", 10},
                        {"oneDecimal", -3},
                        {"oneString", "VALUE 15"},
                        {"oneExact", "VALUE 15"},
                        {"oneDateTime", "2026-01-01T00:30:00+01:00"}})));
  const std::map<std::string, std::string> orders = {{"oneInteger", "a b c e d"},
                                                     {"oneDecimal", "e a b c d"},
                                                     {"oneString", "a e b c d"},
                                                     {"oneExact", "e a b c d"},
                                                     {"oneDateTime", "e a b c d"}};
  for (const auto& [by, names] : orders) EXPECT_EQ(found("", by), names) << by;
}

}  // namespace
}  // namespace vestibule::directory
