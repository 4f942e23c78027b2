#pragma once
// A group as JSON text, made in pieces, so that a group of any size is shown in the memory of a
// page of its members.

#include <string>

#include "base/result.h"
#include "directory/context.h"
#include "scim/resource/project.h"
#include "store/group_store.h"

namespace vestibule::directory {

/// The text of one group: its attributes, its members by the page, and what stands behind them.
/// Members are read, and only when the projection shows them, as the pieces are asked for: whoever
/// is a member all the time is there exactly once, and the version is the one from before the first
/// of them was read, so that a change meanwhile makes it an old one. Of the arguments only the
/// context must outlive it. Not thread-safe, but may go from thread to thread.
class GroupText {
 public:
  GroupText(const Context& context, const View& view, const Domain& domain,
            const store::StoredResource& group, const scim::Projection& projection);

  /// The next piece. At most one page of members is read. Errors: those of the database, and
  /// kInternal when it holds something else than a group.
  [[nodiscard]] Result<std::string> next();
  /// True when there are no more pieces.
  [[nodiscard]] bool done() const { return part_ == Part::kDone; }

 private:
  enum class Part { kAttributes, kMembers, kDone };

  Result<void> appendAttributes(std::string& text);
  Result<void> appendMembers(std::string& text);
  void appendElements(std::string& text, std::vector<store::StoredMember> members);
  void appendEnd(std::string& text);

  const Context* context_;
  store::DomainTables tables_;
  std::string base_url_;
  std::string naming_prefix_;
  store::StoredResource group_;
  scim::Projection projection_;
  bool stored_form_;  ///< the stored bytes are shown as they are
  bool shows_members_;
  Part part_ = Part::kAttributes;
  bool any_member_ = false;
  store::MemberPlace after_;
};

/// A stored group as a response: the first piece of its text, and the rest where that is not all.
/// Errors as GroupText::next.
[[nodiscard]] Result<Rendered> renderGroup(const Context& context, const View& view,
                                           const Domain& domain, const store::StoredResource& group,
                                           const scim::Projection& projection);

}  // namespace vestibule::directory
