#include "scim/path/attribute_path.h"

#include <string>

#include "base/unicode.h"

namespace vestibule::scim {
namespace {

/// A path taken apart: whose attribute, and its name with the sub-attribute.
struct Split {
  const Schema* schema = nullptr;
  bool in_extension = false;
  std::string_view names;
};

/// What stands behind the URN. A dot in place of the last colon is what Entra sends for extensions.
std::string_view behindUrn(std::string_view path, std::string_view urn) {
  if (path.size() <= urn.size() || (path[urn.size()] != ':' && path[urn.size()] != '.') ||
      !equalIgnoringAsciiCase(path.substr(0, urn.size()), urn)) {
    return {};
  }
  return path.substr(urn.size() + 1);
}

// No URN of the registry begins with another and a colon, so at most one fits.
Split split(const ResourceType& type, std::string_view path) {
  if (const std::string_view names = behindUrn(path, type.schema->id); !names.empty()) {
    return {type.schema, false, names};
  }
  for (const SchemaExtension& extension : type.extensions) {
    if (const std::string_view names = behindUrn(path, extension.schema->id); !names.empty()) {
      return {extension.schema, true, names};
    }
  }
  return {type.schema, false, path};
}

/// The path as an error text may repeat it.
std::string quoted(std::string_view path) {
  constexpr std::size_t kShown = 200;
  const std::string_view shown = path.substr(0, kShown);
  std::string text = "'";
  for (const char c : shown) text += (c >= 0x20 && c < 0x7F) ? c : '?';
  if (shown.size() < path.size()) text += "...";
  return text + "'";
}

}  // namespace

Result<AttributeRef> resolveAttribute(const Registry& registry, const ResourceType& type,
                                      std::string_view path, ErrorKind on_error) {
  const auto refuse = [&](const std::string& reason) {
    return failure(on_error, quoted(path) + " " + reason);
  };
  if (path.empty()) return failure(on_error, "the attribute path is empty");
  if (equalIgnoringAsciiCase(path, type.schema->id) || type.findExtension(path) != nullptr) {
    return refuse("names a schema, not an attribute");
  }
  const Split parts = split(type, path);
  if (parts.names.find(':') != std::string_view::npos) {
    return refuse("names no schema of " + type.name);
  }
  const std::size_t dot = parts.names.find('.');
  const std::string_view name = parts.names.substr(0, dot);
  if (!isAttributeName(name)) return refuse("is not an attribute path");

  AttributeRef ref;
  ref.attribute = parts.schema->find(name);
  if (ref.attribute != nullptr) {
    ref.schema = parts.schema;
    ref.in_extension = parts.in_extension;
  } else if (!parts.in_extension) {
    ref.attribute = registry.commonAttributes().find(name);
  }
  if (ref.attribute == nullptr) return refuse("is not an attribute of " + type.name);
  if (dot == std::string_view::npos) return ref;

  const std::string_view sub_name = parts.names.substr(dot + 1);
  if (!isAttributeName(sub_name)) return refuse("is not an attribute path");
  ref.sub = ref.attribute->findSub(sub_name);
  if (ref.sub == nullptr) {
    return refuse("names no sub-attribute of '" + ref.attribute->name + "'");
  }
  return ref;
}

}  // namespace vestibule::scim
