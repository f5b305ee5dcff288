"""What is known of language before any case was seen: the weights that training starts from and is held near.

Features: `s:` signs of the sentence, `c:` of its clause, `p:`/`n:` of the sentences before and after, `m:` of the whole
mail, `subj:` of the subject, `k:` of a notice; the rest are named where they are made (`assistant/candidates/`).
"""

from __future__ import annotations

_MOMENT = {
    "joined:near": 0.5, "joined:sentence": 0.1, "joined:before": -0.5, "joined:subject": -0.3,
    "bulk": -4.0, "auto": -4.0, "or": -0.9, "range": -0.2, "odd_hour": -1.2, "c:other_appt": -2.2, "s:other_appt": -0.7,
    "c:third": -0.9, "c:if": -0.7, "c:might": -1.0, "c:past": -1.2, "s:past": -0.3, "c:cancel": -1.2, "c:cant_come": -1.2,
    "c:no_good": -1.6, "m:advert": -1.6, "m:withdraw": -0.8, "from": -0.4, "before": -2.0, "m:purchase": -1.0,
}  # fmt: skip

WEIGHTS: dict[str, dict[str, float]] = {
    "session.create": {
        "bias": -1.6, **_MOMENT, "rival:sentence": -1.0, "rival:mail": -1.2,
        "s:ask_book": 1.2, "s:ask_modal": 0.5, "s:wish": 0.9, "s:book_word": 0.8, "s:book_imper": 1.3, "s:have_time": 1.0,
        "s:how_about": 0.4, "s:can_come": 0.9, "s:lets": 0.9, "s:accept": 0.9, "s:yes": 0.5, "s:question": 0.6, "s:request": 0.4,
        "p:ask_book": 0.5, "p:wish": 0.4, "p:have_time": 0.4, "n:wish": 0.2, "n:ask_book": 0.3, "p:accept": 0.2,
        "subj:book_word": 0.4, "subj:ask_book": 0.4, "service": 0.6, "subject_service": 0.4, "service_here": 0.6, "practice_word": 0.5,
        "src:offer": 1.2, "src:offer_hour": 0.8, "src:offer_day": 0.5, "src:offer_letter": 0.8, "src:offer_order": 0.5,
        "src:offer_plain": 0.2, "src:offer_counter": 2.0, "src:offer_rest": 0.5, "src:same_words": 0.6, "src:same_session": 1.0, "src:session_day": -1.5, "src:subject_day": 0.2,
        "src:subject": -0.3, "s:move": -1.3, "m:move": -0.5, "s:instead": -0.8, "sessions": -0.7, "same_day": -1.4,
        "exists": -8.0, "s:planned": -0.6, "m:no_answer": -1.0, "s:will_pay": -0.8, "s:call_me": -1.8, "c:keep": -1.2,
        "machine": -0.8, "fields": 0.6, "k:booked": 2.0, "k:s_booked": 1.0, "k:form": 0.8, "k:cancelled": -2.5, "k:moved": -2.0,
        "k:digest": -1.5, "k:own": -1.2, "k:paid": -1.0, "role:form": 0.8, "s:complaint": -1.0, "m:complaint": -0.7,
        "s:by_when": -0.4, "s:send_me": -0.9, "moments": 0.0, "stranger": 0.0, "far": -0.5, "s:usual": 0.3, "s:cancel": -0.6,
        "s:cant_come": -0.6, "m:enquiry": 0.1, "s:late": -1.5, "c:accept": 0.3, "c:ask_modal": 0.3, "c:book_word": 0.4, "s:thanks": -0.2,
        "s:wait": -1.0, "m:wait": -0.4, "s:vague": -0.2, "first": 0.1, "s:checking": -1.5, "m:clash": -0.3, "src:offer_all": 0.8,
    },
    "session.reschedule": {
        "bias": -2.2, **_MOMENT, "old_or_new": -2.5, "s:make_it": 0.8, "m:make_it": 0.2, "m:sorry": 0.2,
        "s:move": 2.0, "m:move": 1.0, "subj:move": 0.8, "p:move": 0.7, "n:move": 0.3, "s:instead": 1.5, "m:instead": 0.6,
        "s:other_time": 0.6, "s:later": 0.7, "m:cant_come": 0.8, "p:cant_come": 0.6, "s:cant_come": 0.4, "m:cancel": 0.0, "p:cancel": 0.2,
        "m:late": 0.4, "src:shift": 2.0, "src:session_day": 0.9, "src:same_session": 0.4, "src:offer": 1.0, "src:offer_hour": 0.5,
        "link:named": 0.9, "link:hour": 0.8, "link:old": 1.2, "link:only": 0.7, "link:other": -2.5, "link:next": 0.2, "link:not_next": -1.6,
        "link:kept": -4.0, "link:title": 0.5, "link:other_title": -1.5, "link:today": 0.2, "same_day": 0.7, "near": 0.3,
        "exists": -6.0, "s:ask_modal": 0.5, "s:question": 0.4, "s:accept": 0.3, "s:planned": -0.8, "s:call_me": -1.5,
        "k:moved": 2.5, "k:s_moved": 1.5, "k:cancelled": -1.5, "k:booked": -0.8, "machine": 0.0, "k:digest": -1.0, "k:own": -1.5,
        "s:book_imper": -0.6, "s:book_word": -0.3, "m:no_answer": -0.6, "c:instead": 0.0, "m:yes": 0.1, "s:wish": 0.1, "m:sick": 0.2,
        "s:thanks": -0.2, "s:will_pay": -0.8, "s:complaint": -0.8, "m:clash": 0.7, "s:clash": 0.4, "s:checking": -1.5,
    },
    "session.cancel": {
        "bias": -3.2, "s:sorry": 0.4, "m:sorry": 0.5, "link:here": 0.8, "link:elsewhere": -2.0, "link:order": 1.5,
        "s:cancel": 2.3, "s:cant_come": 2.2, "subj:cancel": 1.2, "subj:cant_come": 1.0, "m:cancel": 0.5, "m:cant_come": 0.5, "m:sick": 0.5, "s:sick": 0.3,
        "no_cancel_sentence": -2.0, "link:named": 0.7, "link:hour": 0.4, "link:only": 0.9, "link:other": -2.8, "link:next": 0.5,
        "link:not_next": -1.8, "link:kept": -4.0, "link:today": 0.4, "link:tomorrow": 0.2, "link:title": 0.4, "link:other_title": -1.5,
        "link:all": 1.4, "cancel_clause": 0.7, "new_moment": -2.2, "s:if": -1.6, "s:might": -1.9, "s:past": -0.9, "s:third": -0.2,
        "m:withdraw": -1.8, "s:question": -0.4, "s:wh": -0.8, "machine": -0.3, "k:cancelled": 3.0, "k:s_cancelled": 1.5, "k:moved": -2.0,
        "k:booked": -1.0, "k:own": -1.5, "bulk": -3.0, "auto": -2.0, "m:other_time": 0.3, "m:move": -0.4, "m:planned": -0.8,
        "m:advert": -1.0, "s:future_i": 0.0, "m:keep": 0.0, "m:no_answer": 0.0, "s:no_good": 0.0, "s:other_appt": 0.0,
        "m:instead": -0.5, "s:thanks": 0.0, "s:clash": 1.3, "m:clash": 0.3, "s:checking": -1.5, "weak_cancel": -0.4, "s:past_cancel": -1.8, "c:keep": -2.5, "c:third": -1.5, "c:past": -0.9, "c:might": -1.5, "c:if": -1.2, "c:planned": -0.8, "c:usual": -0.5,
    },
    "task.create": {
        "bias": -1.6, "cancel_here": -1.0,
        "s:question": 0.9, "s:request": 0.7, "s:call_me": 1.5, "s:send_me": 1.3, "s:complaint": 1.4, "s:vague": 0.7, "s:enquiry": 0.8,
        "s:have_time": 0.7, "s:ask_book": 0.6, "s:wish": 0.5, "s:by_when": 0.5, "m:question": 0.5, "m:request": 0.2, "m:complaint": 0.8,
        "m:call_me": 0.3, "m:enquiry": 0.4, "subj:question": 0.3, "subj:enquiry": 0.4, "subj:complaint": 0.5, "asks": 0.2, "due": 0.9,
        "has_moment": -2.0, "has_offer": -1.0, "moment_in_sentence": -0.8, "has_shift": -1.5, "has_amount": -0.2, "has_update": -0.9,
        "vague_when": 0.3, "range_when": 0.5, "supplier": 0.6, "stranger": 0.4, "stranger_service": 0.9, "nobody": -1.2,
        "no_sentence": -2.0, "m:no_answer": -1.7, "bulk": -4.0, "auto": -4.0, "machine": -1.8, "fields": 0.4, "k:form": 1.8,
        "role:form": 1.0, "role:forward": 1.2, "role:cc": 1.4, "role:named": 0.0, "m:introduce": 0.5, "m:advert": -2.2, "m:purchase": -1.2,
        "k:own": -1.2, "k:digest": -1.5, "k:paid": -0.8, "k:cancelled": -1.2, "k:booked": -1.0, "k:moved": -1.2, "m:planned": -0.5,
        "m:thanks": -0.2, "m:wait": -0.7, "m:paid": -0.7, "m:withdraw": -0.7, "m:cancel": -0.5, "m:cant_come": -0.5, "m:move": -0.3,
        "s:other_time": 0.8, "m:other_time": 0.5, "s:might": -0.3, "s:if": -0.2, "s:past": 0.0, "m:accept": -0.3, "forwarded": 0.3,
        "no_asks": -0.5, "s:wh": 0.5, "s:problem": 1.5, "m:problem": 0.5, "s:checking": 1.2, "m:checking": 0.4, "m:new_fact": -0.1,
    },
    "contact.create": {
        "bias": -0.8,
        "moment": 0.6, "service": 0.8, "subject_service": 0.7, "practice_word": 0.7, "m:enquiry": 1.0, "m:wish": 0.5, "m:question": 0.5,
        "m:ask_book": 0.5, "m:have_time": 0.4, "m:book_word": 0.4, "m:vague": 0.2, "m:request": 0.1, "subj:enquiry": 0.5, "m:introduce": 0.4,
        "role:form": 1.4, "role:forward": 1.5, "role:cc": 1.8, "supplier": -3.0, "company_sender": -0.8, "m:advert": -2.2, "bulk": -4.0,
        "auto": -4.0, "machine": -1.0, "k:form": 1.2, "k:booked": 0.8, "k:own": -1.5, "k:paid": -1.5, "k:digest": -1.5, "m:no_answer": -1.8,
        "last_name": 0.2, "phone": 0.3, "m:purchase": -1.5, "reply": -0.3, "m:paid": -0.6, "m:complaint": -0.3,
    },
    "contact.update": {
        "bias": -2.2,
        "cue": 1.6, "cue_new": 1.2, "mine": 0.9, "others": -2.6, "s:new_fact": 0.6, "replaces": 0.2, "is_sender": 1.0, "moved": 0.6,
        "s:third": -0.9, "s:if": -0.5, "s:call_me": -0.9, "field:phone": 0.0, "field:address": -0.2, "field:last_name": 0.2,
        "field:first_name": 0.2, "field:date_of_birth": 0.6, "field:company": 0.2, "field:email": 0.3, "bulk": -3.0, "machine": -1.5,
        "auto": 0.3, "subj:new_fact": 0.6, "subj:phone_word": 0.6, "subj:mail_word": 0.6, "subj:address_word": 0.6, "subj:name_word": 0.5,
        "s:question": -0.6, "s:send_me": -0.3, "s:past": -0.2, "stranger": -2.0,
    },
    "payment.record": {
        "bias": -2.2, "c:third": -1.2, "c:paid_me": -2.0, "s:paid_me": -1.5,
        "s:paid": 2.2, "m:paid": 0.4, "subj:paid": 1.0, "p:paid": 0.5, "s:will_pay": -1.7, "m:will_pay": -0.4, "s:if": -1.0, "s:might": -0.8,
        "s:refund": -1.8, "m:refund": -0.6, "m:complaint": -1.8, "s:complaint": -1.0, "s:purchase": -2.0, "m:purchase": -1.2, "s:question": -0.5,
        "net": -2.0, "gross": 0.8, "field_amount": 1.4, "field_net": -3.0, "invoice_named": 0.7, "invoice": 0.7, "is_total": 0.6, "is_price": 0.3,
        "bare_sum": -0.4, "first_sum": 0.4, "sums": -0.1, "no_sum": 0.0, "k:paid": 1.8, "k:s_paid": 1.0, "k:own": -1.8, "k:failed": -2.2,
        "k:digest": -0.7, "machine": 0.1, "bulk": -2.0, "auto": 0.0, "stranger": -1.5, "known": 0.3, "m:advert": -1.5, "c:past": -0.4,
        "s:past": -0.3, "m:past": -0.1, "s:future_i": -0.4, "m:thanks": 0.1, "role:form": 0.5,
    },
}  # fmt: skip
