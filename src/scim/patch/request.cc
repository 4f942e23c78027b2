#include <algorithm>
#include <string>
#include <utility>

#include "base/unicode.h"
#include "scim/message.h"
#include "scim/patch/patch.h"
#include "scim/patch/path.h"
#include "scim/tolerance/legacy_schema_uris.h"

namespace vestibule::scim {
namespace {

/// Where an attribute was named: what a path names is meant, what a value carries along may be an
/// echo.
enum class Origin { kPath, kValueKey };

bool isSchemas(const AttributeRef& attribute) {
  return attribute.schema == nullptr && attribute.attribute->name == "schemas";
}

Result<PatchVerb> readVerb(const json::Object& operation) {
  const json::Value* op = operation.findIgnoringCase("op");
  const std::string* text = op == nullptr ? nullptr : op->string();
  if (text != nullptr) {
    if (equalIgnoringAsciiCase(*text, "add")) return PatchVerb::kAdd;
    if (equalIgnoringAsciiCase(*text, "remove")) return PatchVerb::kRemove;
    if (equalIgnoringAsciiCase(*text, "replace")) return PatchVerb::kReplace;
  }
  return failure(ErrorKind::kInvalidSyntax, "'op' must be 'add', 'remove' or 'replace'");
}

/// The sub-attributes that the filter fixes: only when it is `a eq x and b eq y …`, all different
/// and all writable.
bool collectImplied(const BoundFilter& filter, NodeIndex index, PatchOperation& operation) {
  const FilterNode& node = filter.nodes[index];
  if (const auto* all = std::get_if<And>(&node)) {
    return std::all_of(all->children.begin(), all->children.end(),
                       [&](NodeIndex child) { return collectImplied(filter, child, operation); });
  }
  const auto* comparison = std::get_if<Comparison>(&node);
  if (comparison == nullptr || comparison->op != CompareOp::kEq) return false;
  const AttributeRef& attribute = comparison->attribute;
  const auto& implied = operation.implied;
  if (attribute.sub == nullptr || attribute.sub->mutability == Mutability::kReadOnly ||
      std::find(implied.begin(), implied.end(), attribute) != implied.end()) {
    return false;
  }
  operation.implied.push_back(attribute);
  operation.implied_values.push_back(comparison->literal);
  return true;
}

/// The name of a readOnly sub-attribute that the value carries, or nothing.
std::string readOnlySubIn(const Attribute& attribute, const json::Value& value) {
  if (const json::Array* array = value.array()) {
    for (const json::Value& element : *array) {
      // Arrays in arrays are refused when the value is made canonical.
      if (element.isArray()) continue;
      if (std::string name = readOnlySubIn(attribute, element); !name.empty()) return name;
    }
  } else if (const json::Object* object = value.object()) {
    for (const json::Member& member : *object) {
      const Attribute* sub = attribute.findSub(member.key);
      if (sub != nullptr && sub->mutability == Mutability::kReadOnly) return sub->name;
    }
  }
  return {};
}

bool isAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

class Reader {
 public:
  Reader(const Registry& registry, const ResourceType& type, Tolerating tolerating,
         std::vector<std::string>* dropped)
      : registry_(registry), type_(type), tolerating_(tolerating), dropped_(dropped) {}

  Result<void> read(const json::Value& operation, std::size_t position) {
    position_ = position;
    const json::Object* object = operation.object();
    if (object == nullptr) {
      return failure(ErrorKind::kInvalidSyntax, "an operation must be an object");
    }
    Result<PatchVerb> verb = readVerb(*object);
    if (!verb) return propagate(verb);
    const json::Value* value = object->findIgnoringCase("value");
    const json::Value* path = object->findIgnoringCase("path");
    if (path == nullptr || path->isNull()) return readWithoutPath(*verb, value);
    if (!path->isString()) return failure(ErrorKind::kInvalidPath, "'path' must be a string");
    Result<PatchPath> parsed = parsePatchPath(registry_, type_, *path->string(), tolerating_);
    if (!parsed) return propagate(parsed);
    if (parsed->whole == type_.schema) return readWithoutPath(*verb, value);
    if (parsed->whole != nullptr) return readWhole(*verb, *parsed->whole, value);
    return emit(*verb, std::move(*parsed), value, Origin::kPath);
  }

  std::vector<PatchOperation> take() { return std::move(operations_); }

 private:
  void drop(std::string_view name) {
    if (dropped_ != nullptr) dropped_->emplace_back(name);
  }

  Result<void> readWithoutPath(PatchVerb verb, const json::Value* value) {
    if (verb == PatchVerb::kRemove) {
      return failure(ErrorKind::kNoTarget, "'remove' needs a 'path' to an attribute");
    }
    if (value == nullptr || !value->isObject()) {
      return failure(ErrorKind::kInvalidValue, "without a 'path', 'value' must be an object");
    }
    return readMembers(verb, *value->object(), /*urn=*/{});
  }

  /// An extension as a whole.
  Result<void> readWhole(PatchVerb verb, const Schema& schema, const json::Value* value) {
    if (verb != PatchVerb::kRemove && value == nullptr) {
      return failure(ErrorKind::kInvalidValue, "'value' is missing", schema.id);
    }
    if (verb == PatchVerb::kRemove || (verb == PatchVerb::kReplace && value->isNull())) {
      return removeWhole(schema);
    }
    if (value->isNull()) return {};
    if (!value->isObject()) {
      return failure(ErrorKind::kInvalidValue, "the value of '" + schema.id + "' must be an object",
                     schema.id);
    }
    return readMembers(verb, *value->object(), schema.id);
  }

  Result<void> removeWhole(const Schema& schema) {
    for (const SchemaExtension& extension : type_.extensions) {
      if (extension.schema == &schema && extension.required) {
        return failure(ErrorKind::kMutability,
                       "'" + schema.id + "' is required and cannot be removed", schema.id);
      }
    }
    PatchOperation operation;
    operation.verb = PatchVerb::kRemove;
    operation.whole_extension = &schema;
    operation.position = position_;
    operations_.push_back(std::move(operation));
    return {};
  }

  /// Each member of a path-less value as an operation of its own. `urn`: the members are attributes
  /// of this extension.
  Result<void> readMembers(PatchVerb verb, const json::Object& members, std::string_view urn) {
    for (const json::Member& member : members) {
      std::string text(urn);
      if (!urn.empty()) text += ':';
      text += member.key;
      if (Result<void> done = readMember(verb, text, member); !done) return done;
    }
    return {};
  }

  Result<void> readMember(PatchVerb verb, const std::string& text, const json::Member& member) {
    Result<PatchPath> path = parsePatchPath(registry_, type_, text, tolerating_);
    const bool plain =
        member.key.find_first_of(".:[") == std::string::npos || (path && path->whole != nullptr);
    if (path && !plain && !tolerating_.accepts(Tolerance::kDottedKeysInValue)) {
      path = failure(ErrorKind::kInvalidPath, "'" + text + "' is a path, not an attribute's name");
    }
    if (!path) {
      if (!isAscii(text)) {
        return failure(ErrorKind::kInvalidSyntax, "names of attributes are ASCII");
      }
      if (path.error().kind != ErrorKind::kInvalidPath ||
          !tolerating_.accepts(Tolerance::kUnknownAttributes)) {
        return propagate(path);
      }
      drop(text);
      return {};
    }
    if (path->whole == type_.schema) {
      if (!member.value.isObject()) {
        return failure(ErrorKind::kInvalidValue, "the value of '" + text + "' must be an object");
      }
      return readMembers(verb, *member.value.object(), type_.schema->id);
    }
    if (path->whole != nullptr) return readWhole(verb, *path->whole, &member.value);
    return emit(verb, std::move(*path), &member.value, Origin::kValueKey);
  }

  Result<void> emit(PatchVerb verb, PatchPath path, const json::Value* value, Origin origin) {
    const AttributeRef& attribute = path.attribute;
    const bool may_be_echo = origin == Origin::kValueKey;
    if (isSchemas(attribute)) {
      Result<void> right = checkSchemas(verb, path.selection.has_value(), value);
      if (right || !may_be_echo || !acceptsReadOnly()) return right;
      drop("schemas");
      return {};
    }
    if (attribute.attribute->mutability == Mutability::kReadOnly ||
        attribute.target().mutability == Mutability::kReadOnly) {
      if (!may_be_echo || !acceptsReadOnly()) {
        return failure(ErrorKind::kMutability, "'" + attribute.text() + "' is readOnly",
                       attribute.text());
      }
      drop(attribute.text());
      return {};
    }
    if (verb != PatchVerb::kRemove && value == nullptr) {
      return failure(ErrorKind::kInvalidValue, "'value' is missing", attribute.text());
    }
    if (Result<void> allowed = checkReadOnlySubs(verb, attribute, value); !allowed) return allowed;

    PatchOperation operation;
    operation.verb = verb;
    operation.attribute = attribute;
    operation.position = position_;
    if (value != nullptr) operation.value = *value;
    operation.selection = std::move(path.selection);
    if (operation.selection && verb != PatchVerb::kRemove &&
        !collectImplied(*operation.selection, operation.selection->root, operation)) {
      operation.implied.clear();
      operation.implied_values.clear();
    }
    operations_.push_back(std::move(operation));
    return {};
  }

  Result<void> checkReadOnlySubs(PatchVerb verb, const AttributeRef& attribute,
                                 const json::Value* value) const {
    if (verb == PatchVerb::kRemove || value == nullptr || attribute.sub != nullptr) return {};
    const std::string name = readOnlySubIn(*attribute.attribute, *value);
    if (name.empty() || acceptsReadOnly()) return {};
    return failure(ErrorKind::kMutability, "'" + attribute.text() + "." + name + "' is readOnly",
                   attribute.text() + "." + name);
  }

  [[nodiscard]] bool acceptsReadOnly() const {
    return tolerating_.accepts(Tolerance::kIgnoreReadonlyInPatchValue);
  }

  /// `schemas` is always what the values make it, so an operation on it can only be right or wrong.
  Result<void> checkSchemas(PatchVerb verb, bool selected, const json::Value* value) {
    if (verb == PatchVerb::kRemove || selected) {
      return failure(ErrorKind::kMutability, "'schemas' follows the attributes of the resource",
                     "schemas");
    }
    if (value == nullptr) {
      return failure(ErrorKind::kInvalidValue, "'value' is missing", "schemas");
    }
    const json::Array single{*value};
    const json::Array& uris = value->isArray() ? *value->array() : single;
    bool has_base = false;
    for (const json::Value& uri : uris) {
      const std::string* text = uri.string();
      if (text == nullptr) {
        return failure(ErrorKind::kInvalidValue, "'schemas' holds URIs", "schemas");
      }
      const std::string_view current = currentSchemaUri(*text, type_, tolerating_);
      const bool base = equalIgnoringAsciiCase(current, type_.schema->id);
      has_base = has_base || base;
      if (base || type_.findExtension(current) != nullptr) continue;
      if (!tolerating_.accepts(Tolerance::kUnknownSchemaUris)) {
        return failure(ErrorKind::kInvalidValue, "'schemas' holds a URI that is not of this type",
                       "schemas");
      }
      drop(*text);
    }
    if (verb == PatchVerb::kReplace && !has_base) {
      return failure(ErrorKind::kMutability,
                     "'" + type_.schema->id + "' cannot be taken out of 'schemas'", "schemas");
    }
    return {};
  }

  const Registry& registry_;
  const ResourceType& type_;
  Tolerating tolerating_;
  std::vector<std::string>* dropped_;
  std::size_t position_ = 0;
  std::vector<PatchOperation> operations_;
};

bool namesPatchSchema(const json::Value* schemas) {
  const json::Array* array = schemas == nullptr ? nullptr : schemas->array();
  return array != nullptr && std::any_of(array->begin(), array->end(), [](const json::Value& uri) {
           return uri.isString() && equalIgnoringAsciiCase(*uri.string(), kPatchOpSchema);
         });
}

}  // namespace

Result<std::vector<PatchOperation>> parsePatch(const Registry& registry, const ResourceType& type,
                                               const json::Value& body, Tolerating tolerating,
                                               std::vector<std::string>* dropped) {
  const json::Object* message = body.object();
  if (message == nullptr) {
    return failure(ErrorKind::kInvalidSyntax, "a PATCH request must be a JSON object");
  }
  if (!namesPatchSchema(message->findIgnoringCase("schemas"))) {
    return failure(ErrorKind::kInvalidSyntax,
                   "'schemas' must hold '" + std::string(kPatchOpSchema) + "'");
  }
  const json::Value* list = message->findIgnoringCase("Operations");
  const json::Array* operations = list == nullptr ? nullptr : list->array();
  if (operations == nullptr || operations->empty()) {
    return failure(ErrorKind::kInvalidSyntax, "'Operations' must be an array with an operation");
  }
  if (operations->size() > kMaxPatchOperations) {
    return failure(ErrorKind::kPayloadTooLarge,
                   "more than " + std::to_string(kMaxPatchOperations) + " operations");
  }
  Reader reader(registry, type, tolerating, dropped);
  std::size_t position = 0;
  for (const json::Value& operation : *operations) {
    Result<void> read = reader.read(operation, ++position);
    if (!read) {
      read.error().detail = "operation " + std::to_string(position) + ": " + read.error().detail;
      return propagate(read);
    }
  }
  return reader.take();
}

}  // namespace vestibule::scim
