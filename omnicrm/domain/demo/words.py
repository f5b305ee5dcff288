"""Words of the sample practice. Every address ends in .example (RFC 2606), so nothing can be sent there."""

from __future__ import annotations

FIRST = (
    "Aino Ben Carla Dmitri Elena Farid Grace Hanna Ingrid Jonas Keiko Lucas Maria Noor Oskar Priya Quentin Rosa Samir "
    "Tomás Ulla Victor Wanda Xenia Yuki Zoe Amara Björn Chiara Declan Eszter Florian Gita Hugo Ines Jakub Kwame Lena "
    "Mei-Ling Nadia Omar Paula Rafael Siobhan Tariq Ursula Vera Willem Yasmin Zsófia"
).split()
LAST = (
    "Korhonen Berg Petrova Haddad Solberg Raman Tanaka Meyer Virtanen Almeida Kowalska Ferreira Mensah "
    "Fischer-Brandt Chen Lindqvist O'Brien Nakamura Dubois Rossi Novák Andersen Schmidt García Silva "
    "Nguyen Okafor Larsen Weber Moreau Costa Jansen Horváth Papadopoulos Ivanov Sørensen Müller "
    "Takahashi Mbeki Kaplan Byrne Lewandowski Eriksson Santos Ahmed Murphy Bianchi Vargas Nilsson "
    "Popescu"
).split()
DOMAINS = ("post", "mail", "inbox", "letters", "harbour", "meadow", "linden", "quay")
TAGS = ("neck", "lower back", "prefers evenings", "lavender", "beginner", "runner", "desk work", "prenatal", "referral")
PLACES = ("neck", "jaw", "left knee", "right shoulder", "lower back", "hips", "calves", "wrists", "ribs", "ankles")
STATES = ("still stiff", "much easier", "tight after the run", "sore in the morning", "better than last time", "quiet")
CAUSES = ("long days at the desk", "carrying the new bag", "a bad night", "the marathon plan", "the move", "travel")
PLANS = (
    "Go slower next time.",
    "More time on the breath.",
    "Heat first, then the long strokes.",
    "Ask about the exercises.",
    "Shorter holds, more rest between.",
    "Try the bolster under the knees.",
)
TASKS = (
    "Send the neck exercises",
    "Ask how the week went",
    "Call back about the package",
    "Send the receipt to the insurer",
    "Offer a renewal",
)

# name, minutes, price, capacity, colour
SERVICES = (
    ("Deep tissue massage", 60, "85.00", 1, "jade"),
    ("Aroma massage", 75, "95.00", 1, "amber"),
    ("Coaching", 60, "120.00", 1, "sky"),
    ("First consultation", 30, "0.00", 1, "gray"),
    ("Morning Flow", 60, "18.00", 12, "sky"),
)
# name, colour
GROUPS = (("Leads", "amber"), ("Regulars", "jade"), ("Tuesday room", "sky"))
