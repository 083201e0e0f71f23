#pragma once

#include "vqalign/gui/models/inspector.h"

namespace vqalign {

// The steps that several views offer; each can be undone.

/// Makes a word or region what attention is told of; or lets go of it where it is already. Nothing
/// happens to one that was not read or seen.
void keep_subject(Inspector& inspector, const Token& token);

/// Takes a word or region away, or back, and asks again. The last one that is left stays.
void toggle_dropped_token(Inspector& inspector, const Token& token);

/// Chooses a head: its map, and attention as what is told.
void select_head(Inspector& inspector, const HeadSite& site);

/// Switches a head off, or on again, and asks again.
void toggle_silenced(Inspector& inspector, const HeadSite& site);

/// Switches off every other head of the head's family; or all of them on again where that is so.
void toggle_solo(Inspector& inspector, const HeadSite& site);

/// Every head of the head's layer and family off, or on again where they all are off.
void toggle_layer(Inspector& inspector, const HeadSite& site);

/// Nothing pointed at, kept, silenced or dropped; pooling, as at first.
void reset_view(Inspector& inspector);

}  // namespace vqalign
