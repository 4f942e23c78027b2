#include "scim/resource/index_declarations.h"

#include <string_view>
#include <utility>

#include "scim/resource/every_attribute.h"

namespace vestibule::scim {
namespace {

/// How keys are made. To be raised with every change of comparisonKey, indexKey or indexEntries
/// that gives other keys for the same values.
constexpr std::string_view kKeyRules = "1";

IndexDeclaration declare(std::uint16_t number, const AttributeRef& ref) {
  const Attribute& attribute = ref.target();
  IndexDeclaration declaration{number, ref.text(), {}};
  declaration.meaning.append(kKeyRules).append(" ").append(declaration.attribute);
  declaration.meaning.append(" ").append(nameOf(attribute.type));
  declaration.meaning.append(attribute.case_exact ? " caseExact" : "");
  declaration.meaning.append(attribute.preparation == Preparation::kUserName ? " userName" : "");
  declaration.meaning.append(attribute.uniqueness != Uniqueness::kNone ? " unique" : "");
  return declaration;
}

}  // namespace

std::vector<IndexDeclaration> indexDeclarations(const ResourceType& type) {
  std::vector<IndexDeclaration> declarations{{0, {}, std::string(kKeyRules)}};
  forEveryAttribute(type, [&](AttributeRef ref) {
    const Attribute& attribute = *ref.attribute;
    if (&attribute == type.naming_attribute) declarations.front() = declare(0, ref);
    if (attribute.relation) return;
    if (attribute.index != 0) declarations.push_back(declare(attribute.index, ref));
    for (const Attribute& sub : attribute.sub_attributes) {
      if (sub.index == 0) continue;
      ref.sub = &sub;
      declarations.push_back(declare(sub.index, ref));
    }
  });
  return declarations;
}

}  // namespace vestibule::scim
