#include "directory/resources.h"

#include <functional>

#include "base/unicode.h"
#include "directory/addressing.h"
#include "directory/announcement.h"
#include "directory/change_event.h"
#include "directory/changed_attributes.h"
#include "directory/guard_rails.h"
#include "directory/stored_document.h"
#include "json/write.h"
#include "scim/resource/render.h"
#include "scim/schema/comparison_key.h"
#include "store/resource_store.h"

namespace vestibule::directory {
namespace {

constexpr std::size_t kNameCharacters = 255;

/// From stored attributes to new ones, with the bare name; may run more than once.
using Edit = std::function<Result<json::Object>(const json::Object& current)>;

/// The domain of a new resource, whose name loses its prefix where it has one.
Result<const Domain*> domainOfNew(const View& view, const scim::ResourceType& type,
                                  json::Object& attributes) {
  if (type.naming_attribute == nullptr) return view.domainOfUnnamed();
  return localiseName(view, type, attributes);
}

Result<void> localiseWithin(const View& view, const scim::ResourceType& type, const Domain& domain,
                            json::Object& attributes) {
  if (type.naming_attribute == nullptr) return {};
  return localiseNameWithin(view, type, domain, attributes);
}

/// The key of the name. What a name may be is checked for a new one only: it need not hold for what
/// is stored.
Result<std::string> nameKey(const Domain& domain, const scim::Attribute& naming,
                            const json::Object& attributes, bool check_name) {
  const auto* name = attributes.find(naming.name);
  if (name == nullptr || !name->isString()) {
    return failure(ErrorKind::kInvalidValue, naming.name + " is required", naming.name);
  }
  const std::string& text = *name->string();
  if (check_name) {
    if (auto bare = requireBareName(domain, text, naming.name); !bare) return propagate(bare);
  }
  auto key = scim::comparisonKey(naming, *name);
  if (!key) return key;
  if (codePointCount(text) > kNameCharacters || key->size() > store::kLongestNameKey) {
    return failure(ErrorKind::kInvalidValue, naming.name + " is longer than 255 characters",
                   naming.name);
  }
  return key;
}

Result<store::ResourceWrite> prepareWrite(const Domain& domain, const scim::ResourceType& type,
                                          const json::Object& attributes, bool check_name) {
  store::ResourceWrite write;
  if (type.naming_attribute != nullptr) {
    auto key = nameKey(domain, *type.naming_attribute, attributes, check_name);
    if (!key) return propagate(key);
    write.keys.name = *std::move(key);
  }
  if (const auto* external = attributes.find("externalId");
      external != nullptr && external->isString()) {
    write.keys.external_id = *external->string();
  }
  write.keys.entries = scim::indexEntries(type, attributes);
  write.document = json::write(attributes);
  if (write.document.size() > kMaxDocumentBytes) {
    return failure(ErrorKind::kPayloadTooLarge, "the resource would be larger than 1 MB");
  }
  return write;
}

/// The frame of every change: lock, compare, write what differs, all in one transaction.
Result<Rendered> changeResource(const Context& context, const View& view,
                                const scim::ResourceType& type, const Target& target,
                                const Preconditions& preconditions,
                                const scim::Projection& projection, store::ChangeKind kind,
                                const Edit& edit) {
  const auto& tables = target.domain->tables();
  auto changed =
      context.database->write([&](store::Session& session) -> Result<store::StoredResource> {
        auto locked = store::lockResource(session, tables, target.id);
        if (!locked) return propagate(locked);
        if (!*locked) return notFound(type);
        auto& resource = (*locked)->resource;
        // Whatever stops here leaves the row as it was and gives the lock back.
        const auto stop = [&](Error error) -> Result<store::StoredResource> {
          store::rollback(session);
          return tl::make_unexpected(std::move(error));
        };
        if (auto match = preconditions.checkWrite(resource.meta.version); !match) {
          return stop(std::move(match.error()));
        }
        auto current = parseStored(resource.document);
        if (!current) return stop(std::move(current.error()));
        auto edited = edit(*current);
        if (!edited) return stop(std::move(edited.error()));
        auto write =
            prepareWrite(*target.domain, type, *edited, isRenamed(type, *current, *edited));
        if (!write) return stop(std::move(write.error()));
        if (write->document == resource.document) {
          store::rollback(session);
          return std::move(resource);
        }
        auto meta = resource.meta;
        meta.version = Version(meta.version.value() + 1);
        meta.modified = std::max(now(), meta.modified);
        auto event = changeEvent(view, *target.domain, type, target.id, "updated", meta.modified);
        event.version_before = resource.meta.version;
        event.version_after = meta.version;
        event.attributes = changedAttributes(*current, *edited);
        announce(view.catalog(), bitOf(kind), *edited, event);
        auto stored = store::updateLockedResource(session, tables, type, **locked, meta, *write,
                                                  {context.database->controlSchema(), event});
        if (!stored) return propagate(stored);
        return store::StoredResource{meta, std::move(write->document)};
      });
  if (!changed) return propagate(changed);
  return renderResource(view, type, *target.domain, *changed, projection);
}

/// The resource that a change is for, in a domain that takes writes.
Result<Target> writableTarget(const View& view, const scim::ResourceType& type,
                              std::string_view id) {
  auto target = findTarget(view, type, type.kind, id);
  if (!target) return target;
  if (auto writable = requireWritable(*target->domain); !writable) return propagate(writable);
  return target;
}

}  // namespace

Result<Rendered> renderResource(const View& view, const scim::ResourceType& type,
                                const Domain& domain, const store::StoredResource& resource,
                                const scim::Projection& projection) {
  const auto prefix = view.namingPrefix(domain);
  Rendered rendered;
  rendered.meta = resource.meta;
  rendered.location = scim::locationOf(type, view.baseUrl(), rendered.meta.id);
  if (projection.isDefault() && type.stored_as_returned) {
    rendered.body =
        scim::renderStored(type, resource.document, rendered.meta, view.baseUrl(), prefix, "");
    return rendered;
  }
  auto attributes = parseStored(resource.document);
  if (!attributes) return propagate(attributes);
  rendered.body = json::write(
      projection.apply(type, scim::completeResource(type, *std::move(attributes), rendered.meta,
                                                    view.baseUrl(), prefix, {})));
  return rendered;
}

Result<Rendered> createResource(const Context& context, const View& view,
                                const scim::ResourceType& type, const json::Value& body,
                                const scim::Projection& projection) {
  auto valid = scim::validateCreate(*context.registry, type, body, view.tolerating());
  if (!valid) return propagate(valid);
  logDropped(valid->dropped);
  auto domain = domainOfNew(view, type, valid->attributes);
  if (!domain) return propagate(domain);
  if (auto writable = requireWritable(**domain); !writable) return propagate(writable);
  auto write = prepareWrite(**domain, type, valid->attributes, true);
  if (!write) return propagate(write);

  store::StoredResource resource;
  auto& meta = resource.meta;
  meta.id = ResourceId::generate((*domain)->tables().number, type.kind);
  meta.version = Version(1);
  meta.created = meta.modified = now();
  auto event = changeEvent(view, **domain, type, meta.id, "created", meta.created);
  event.version_after = meta.version;
  event.attributes = changedAttributes({}, valid->attributes);
  announce(view.catalog(), bitOf(store::ChangeKind::kCreate), valid->attributes, event);
  auto stored = context.database->write([&](store::Session& session) {
    return store::insertResource(session, (*domain)->tables(), type, meta, *write,
                                 {context.database->controlSchema(), event});
  });
  if (!stored) return propagate(stored);
  resource.document = std::move(write->document);
  return renderResource(view, type, **domain, resource, answering(type, projection, body));
}

Result<Rendered> getResource(const Context& context, const View& view,
                             const scim::ResourceType& type, std::string_view id,
                             const scim::Projection& projection,
                             const Preconditions& preconditions) {
  auto target = findTarget(view, type, type.kind, id);
  if (!target) return propagate(target);
  auto resource = context.database->read([&](store::Session& session) {
    return store::findResource(session, target->domain->tables(), target->id);
  });
  if (!resource) return propagate(resource);
  if (!*resource) return notFound(type);
  if (preconditions.isNotModified((*resource)->meta.version)) {
    Rendered rendered;
    rendered.meta = (*resource)->meta;
    rendered.location = scim::locationOf(type, view.baseUrl(), target->id);
    rendered.not_modified = true;
    return rendered;
  }
  return renderResource(view, type, *target->domain, **resource, projection);
}

Result<Rendered> replaceResource(const Context& context, const View& view,
                                 const scim::ResourceType& type, std::string_view id,
                                 const json::Value& body, const scim::Projection& projection,
                                 const Preconditions& preconditions) {
  auto target = writableTarget(view, type, id);
  if (!target) return propagate(target);
  return changeResource(
      context, view, type, *target, preconditions, answering(type, projection, body),
      store::ChangeKind::kPut, [&](const json::Object& current) -> Result<json::Object> {
        auto valid =
            scim::validateReplace(*context.registry, type, body, current, view.tolerating());
        if (!valid) return propagate(valid);
        logDropped(valid->dropped);
        auto named = localiseWithin(view, type, *target->domain, valid->attributes);
        if (!named) return propagate(named);
        return std::move(valid->attributes);
      });
}

Result<Rendered> patchResource(const Context& context, const View& view,
                               const scim::ResourceType& type, std::string_view id,
                               const json::Value& body, const scim::Projection& projection,
                               const Preconditions& preconditions) {
  auto target = writableTarget(view, type, id);
  if (!target) return propagate(target);
  std::vector<std::string> dropped;
  auto operations = scim::parsePatch(*context.registry, type, body, view.tolerating(), &dropped);
  if (!operations) return propagate(operations);
  logDropped(dropped);
  return changeResource(
      context, view, type, *target, preconditions, answering(type, projection, *operations),
      store::ChangeKind::kPatch, [&](const json::Object& current) {
        return editAsShown(view, type, *target->domain, current, [&](const json::Object& shown) {
          return scim::applyPatch(*context.registry, type, shown, *operations, view.tolerating());
        });
      });
}

Result<void> deleteResource(const Context& context, const View& view,
                            const scim::ResourceType& type, std::string_view id,
                            const Preconditions& preconditions) {
  auto target = writableTarget(view, type, id);
  if (!target) return propagate(target);
  const GuardedChange guarded(context, view, *target->domain);
  return guarded.settle(context.database->write([&](store::Session& session) -> Result<void> {
    const auto& tables = target->domain->tables();
    auto locked = store::lockResource(session, tables, target->id);
    if (!locked) return propagate(locked);
    if (!*locked) return notFound(type);
    if (auto match = preconditions.checkWrite((*locked)->resource.meta.version); !match) {
      store::rollback(session);
      return propagate(match);
    }
    auto event = changeEvent(view, *target->domain, type, target->id, "deleted", now());
    event.version_before = (*locked)->resource.meta.version;
    announceStored(view.catalog(), bitOf(store::ChangeKind::kDelete), (*locked)->resource.document,
                   event);
    return store::deleteLockedResource(session, tables, **locked,
                                       {context.database->controlSchema(), event, guarded.rails()});
  }));
}

}  // namespace vestibule::directory
