"""What the pages of a new portal say before its editors write their own words.

Nothing here is about one territory: the page of a real portal is completed by the team that publishes it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from .seeding.bodies import Block


@dataclass(frozen=True)
class PageTexts:
    """What a page says in one language."""

    title: str
    summary: str = ""
    body: tuple[Block, ...] = ()
    easy_text: str = ""


@dataclass(frozen=True)
class PortalPage:
    """A page of the tree. ``kind`` is a key of ``portal_tree.MODELS``; ``others`` has its texts by language code."""

    slug: str
    kind: str
    french: PageTexts
    others: Mapping[str, PageTexts] = field(default_factory=dict)


def _heading(text: str) -> Block:
    return {"type": "heading", "text": text}


def _paragraph(html: str) -> Block:
    return {"type": "paragraph", "html": html}


DEFAULT_PAGES = (
    PortalPage(
        slug="home",
        kind="home",
        french=PageTexts("La Boussole", "Une garde d’enfants, de l’aide, une sortie, un mot à comprendre."),
        others={
            "en": PageTexts("La Boussole", "Childcare, some help, an outing, a word to understand."),
            "ar": PageTexts("البوصلة", "حضانة للأطفال، مساعدة، نزهة، أو كلمة تريدون فهمها."),
        },
    ),
    PortalPage(
        slug="annuaire",
        kind="directory_index",
        french=PageTexts("Annuaire", "Qui peut m’aider, près de chez moi ?"),
        others={
            "en": PageTexts("Directory", "Who can help me, near my home?"),
            "ar": PageTexts("الدليل", "من يمكنه مساعدتي قرب بيتي؟"),
        },
    ),
    PortalPage(
        slug="agenda",
        kind="agenda",
        french=PageTexts("Agenda", "Que faire cette semaine ?"),
        others={
            "en": PageTexts("What’s on", "What can I do this week?"),
            "ar": PageTexts("المواعيد", "ماذا نفعل هذا الأسبوع؟"),
        },
    ),
    PortalPage(
        slug="ressources",
        kind="resource_index",
        french=PageTexts("Ressources", "Des réponses simples, à lire, à regarder, à imprimer."),
        others={
            "en": PageTexts("Resources", "Simple answers to read, to watch, to print."),
            "ar": PageTexts("موارد", "أجوبة بسيطة للقراءة والمشاهدة والطباعة."),
        },
    ),
    PortalPage(
        slug="glossaire",
        kind="glossary_index",
        french=PageTexts("Glossaire", "Les mots compliqués, expliqués simplement."),
        others={
            "en": PageTexts("Glossary", "Complicated words, explained simply."),
            "ar": PageTexts("القاموس", "الكلمات الصعبة، بشرح بسيط."),
        },
    ),
    PortalPage(
        slug="centres",
        kind="centre_index",
        french=PageTexts("Centres sociaux", "Quel centre est près de chez moi ?"),
        others={
            "en": PageTexts("Social centres", "Which centre is near my home?"),
            "ar": PageTexts("المراكز الاجتماعية", "أي مركز قريب من بيتي؟"),
        },
    ),
    PortalPage(
        slug="actualites",
        kind="news_index",
        french=PageTexts("Actualités", "Quoi de neuf dans les centres ?"),
        others={
            "en": PageTexts("News", "What is new in the centres?"),
            "ar": PageTexts("الأخبار", "ما الجديد في المراكز؟"),
        },
    ),
    PortalPage(
        slug="contact",
        kind="contact",
        french=PageTexts(
            "Nous contacter",
            "Une question, une erreur à corriger, une idée ? Écrivez-nous.",
            (
                _paragraph("<p>Écrivez comme vous parlez. Une personne de l’équipe lit votre message.</p>"),
                {
                    "type": "callout",
                    "title": "Ce que devient votre message",
                    "text": "Il part par e-mail à l’équipe. Le site l’efface dès qu’il est envoyé, au plus tard après "
                    "7 jours.",
                },
            ),
        ),
    ),
    PortalPage(
        slug="accessibilite",
        kind="standard",
        french=PageTexts(
            "Accessibilité",
            "Ce site est fait pour que tout le monde puisse s’en servir.",
            (
                _heading("État de conformité"),
                _paragraph(
                    "<p>Ce site suit-il le RGAA, la règle française ? Nous ne le savons pas encore : l’audit reste à "
                    "faire.</p><p>RGAA veut dire : référentiel général d’amélioration de l’accessibilité.</p>"
                ),
                _heading("Signaler une difficulté"),
                _paragraph(
                    '<p>Vous n’arrivez pas à lire ou à faire quelque chose ? <a href="/contact/">Écrivez-nous</a> : '
                    "nous vous répondrons autrement.</p><p>Sans réponse de notre part, vous pouvez vous adresser au "
                    '<a href="https://www.defenseurdesdroits.fr/">Défenseur des droits</a>. C’est gratuit.</p>'
                ),
            ),
        ),
    ),
    PortalPage(
        slug="mentions-legales",
        kind="standard",
        french=PageTexts(
            "Mentions légales",
            "Qui publie ce site, qui l’héberge.",
            (
                _heading("Qui publie ce site"),
                _paragraph("<p>Nom, adresse et téléphone de la structure qui publie ce site : à compléter.</p>"),
                _heading("Qui l’héberge"),
                _paragraph("<p>Nom, adresse et téléphone de l’hébergeur : à compléter.</p>"),
            ),
        ),
    ),
    PortalPage(
        slug="donnees-personnelles",
        kind="standard",
        french=PageTexts(
            "Données personnelles",
            "Ce que le site sait de vous, et pour combien de temps.",
            (
                _heading("Quand vous lisez"),
                _paragraph("<p>Rien n’est retenu. Il n’y a pas de cookie et aucun autre site n’est prévenu.</p>"),
                _heading("Quand vous écrivez"),
                _paragraph(
                    "<p>Votre message part par e-mail à l’équipe. Le site l’efface dès qu’il est envoyé, au plus tard "
                    "après 7 jours.</p>"
                ),
                _heading("Vos droits"),
                _paragraph(
                    "<p>Vous pouvez demander à voir, à corriger ou à effacer ce qui vous concerne : "
                    '<a href="/contact/">écrivez-nous</a>. Vous pouvez aussi vous adresser à la '
                    '<a href="https://www.cnil.fr/">CNIL</a>.</p>'
                ),
            ),
        ),
    ),
)
