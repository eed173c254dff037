//! The words the rules know. Stems are in lower case, American spelling and singular; a star stands for any ending.

/// What tissue of a tumour is called.
pub(super) const TUMOR: [&str; 7] = [
    "tumor",
    "cancer",
    "cancerous",
    "carcinoma",
    "malignant",
    "malignancy",
    "neoplastic",
];
/// What tissue or people without the disease are called.
pub(super) const HEALTHY: [&str; 10] = [
    "normal",
    "healthy",
    "control",
    "nontumor",
    "non-tumor",
    "noncancerous",
    "non-cancerous",
    "nonmalignant",
    "non-malignant",
    "adjacent",
];
/// Words of a study's description that are in papers on anything.
pub(super) const VAGUE: &str = "clear cell analysis analyse cohort patient data dataset group time large small early late stage grade type \
     subtype tissue sample protein proteome proteomic proteogenomic study human disease expression response \
     treatment treated untreated versus with without from between comparison compared characterization profiling \
     mass spectrometry model";
/// Organs and fluids of the body by the words for them; a study of one says nothing of another.
pub(super) const ORGANS: [&str; 36] = [
    "kidney renal nephr* glomerul* ccrcc rcc",
    "lung pulmonary bronch* nsclc sclc luad lusc",
    "liver hepat* hcc",
    "breast mammary tnbc",
    "colon colonic colorectal rectal rectum bowel intestin* crc",
    "stomach gastric",
    "brain cerebral cerebellum cerebellar hippocamp* cortical cortex glio* astrocyt* neuroblastoma \
     medulloblastoma",
    "heart cardiac cardio* myocard* ventric* atrial",
    "skin cutaneous melanom* epiderm* keratinocyte",
    "prostate prostatic",
    "ovary ovarian",
    "uterus uterine endometri*",
    "cervix cervical",
    "pancrea* pdac islet",
    "bladder urothelial",
    "thyroid",
    "muscle muscular myopath*",
    "bone osteo* cartilage chondro* synovi* joint",
    "esophag* escc",
    "spleen splenic",
    "thymus thymic",
    "testis testicular sperm* seminal",
    "placenta*",
    "adipose adipocyte fat",
    "retina* ocular eye corneal lens aqueous vitreous",
    "oral head neck laryn* pharyn* nasopharyn* hnscc",
    "leukemi* lymphom* myelom* marrow aml cll",
    "serum sera",
    "plasma",
    "blood pbmc leukocyte lymphocyte monocyte neutrophil platelet erythrocyte t-cell b-cell macrophage",
    "urine urinary",
    "saliva salivary tear sweat",
    "csf cerebrospinal",
    "effusion ascites ascitic fluid lavage milk exosom* vesicle secretome supernatant medium",
    "aorta aortic artery arterial vein venous vascular endotheli*",
    "sarcoma* osteosarcoma mesothelioma* neuroendocrine",
];

/// A word list with the reason for which its words leave a sentence at `mentioned`.
pub(super) struct Trap {
    pub reason: &'static str,
    /// Parted by spaces.
    pub words: &'static str,
    /// Whether a word of the study itself is no trap.
    pub unless_ours: bool,
}

/// Words that can turn or limit what a sentence says.
pub(super) const TRAPS: [Trap; 9] = [
    Trap {
        reason: "a negation or an exception",
        words: "no not nor neither never without cannot none nothing fail* lack* absence absent unchanged unaltered \
             similar* comparable equal* identical* same hardly rarely scarcely barely non-significant* \
             nonsignificant* insignificant* except* unlike instead rather contrary contrast despite independent* \
             irrespective regardless little few undetect* didn't wasn't weren't isn't doesn't against \
             nevertheless paradox*",
        unless_ours: false,
    },
    Trap {
        reason: "a doubt, a question or what others said",
        words: "may might could would should can if whether hypothes* suppos* speculat* propos* suggest* aim* \
             investigat* determin* examin* assess* evaluat* test predict* expect* potential* possib* likely \
             unlikely putative* presum* appear* seem* tend* trend* assum* believ* thought conceiv* unclear \
             unknown controvers* debat* contradict* inconsistent conflict* question* reported* report previous* \
             claim* objective purpose why how ? would-be imply implies implicat* candidate false*",
        unless_ours: false,
    },
    Trap {
        reason: "a manipulated gene, or something done to the samples",
        words: "knock* silenc* sirna* shrna* rnai crispr* delet* deficien* null deplet* loss lost ablat* transfect* \
             transduc* ectopic* forced inhibit* block* antagoni* agonis* mutant* mutat* transgen* antisens* \
             recombinant exogenous* heterozyg* homozyg* haploinsufficien* overexpressing over-expressing \
             engineered treat* inject* administ* expos* infus* vaccin* after following upon during before prior \
             respon* therap* chemother* radiother* irradiat* drug* dose* hour day week month minute under \
             condition* stimulat* wild-type wildtype isogenic infect* hypoxi*",
        unless_ours: true,
    },
    Trap {
        reason: "a cause, or a change undone",
        words: "rescue* restor* normaliz* normalis* revers* attenuat* prevent* abolish* abrogat* ameliorat* \
             suppress* induc* promot* enhanc* mediat* driv* drove caus* lead led leading resulted resulting \
             contribut* trigger* activat* regulat* modulat* target* protect* via through due because thereby \
             affect* influenc* impair*",
        unless_ours: false,
    },
    Trap {
        reason: "another molecule or only a part of the protein",
        words: "mrna* transcript* rna* gene genetic* genomic methylat* hypermethylat* hypomethylat* promoter* copy \
             amplif* mir-* mir* microrna* lncrna* circrna* autoantibod* antibod* activit* phosphorylat* phospho* \
             acetylat* glycosylat* ubiquitin* cleav* secret* releas* degrad* turnover half-life isoform* variant* \
             polymorphism* allel* genotyp* carrier* splic* ratio* clearance uptake bind* affinity nuclear nucleus \
             cytoplasm* membran* localiz* localis* translocat* mitochondri* stroma* extracellular circulating \
             soluble fragment* peptide ligand* receptor* homolog* substrate* downstream upstream signature*",
        unless_ours: true,
    },
    Trap {
        reason: "a correlation or an outcome",
        words: "correlat* associat* related relation* surviv* prognos* risk outcome* odds hazard depend* inverse* \
             proportion* percentage fraction* number frequen* incidence prevalence rate positivity mortality \
             accompan* parallel* linked where as-yet according",
        unless_ours: false,
    },
    Trap {
        reason: "only some of the samples, or other groups",
        words: "respectively subset* subgroup* some certain only partial* partly either between benign borderline \
             premalignant pre-malignant dysplas* adenoma* high-grade low-grade grade* stage* advanced early late \
             metasta* recurr* invas* aggressive resistan* sensitiv* progress* relaps* male female men women \
             elderly aged age young* old* smok* obes* pregnan* children pediatric subtype* type score margin* \
             peripher* inflam* initial* minority many several often sometimes occasional* except excluding",
        unless_ours: true,
    },
    Trap {
        reason: "another species or cells in culture",
        words: "mice mouse murine rat rodent zebrafish yeast drosophila rabbit pig porcine bovine dog canine monkey \
             macaque sheep chicken line vitro culture* xenograft* organoid* spheroid* fibroblast hela hek293* \
             model animal embryo* larva*",
        unless_ours: true,
    },
    Trap {
        reason: "a paper withdrawn or corrected",
        words: "retract* erratum corrigendum withdrawn",
        unless_ours: false,
    },
];

/// Whether a title says that its paper does not stand.
pub(crate) fn is_withdrawn(title: &str) -> bool {
    let lower = title.to_lowercase();
    [
        "retract",
        "withdrawn",
        "erratum",
        "corrigendum",
        "expression of concern",
    ]
    .iter()
    .any(|word| lower.contains(word))
}

/// Whether a stem is one of a list of words parted by spaces.
pub(super) fn is_any(stem: &str, list: &str) -> bool {
    list.split(' ').any(|word| match word.strip_suffix('*') {
        Some(start) => stem.starts_with(start),
        None => stem == word,
    })
}

/// More.
pub(super) const UP: [&str; 12] = [
    "increased",
    "elevated",
    "upregulated",
    "up-regulated",
    "overexpressed",
    "over-expressed",
    "higher",
    "greater",
    "raised",
    "increase",
    "rose",
    "rise",
];
/// Less.
pub(super) const DOWN: [&str; 13] = [
    "decreased",
    "reduced",
    "downregulated",
    "down-regulated",
    "underexpressed",
    "under-expressed",
    "lower",
    "lowered",
    "diminished",
    "decrease",
    "declined",
    "decline",
    "fell",
];
/// More, as a noun before `of` or `in`.
pub(super) const UP_NOUNS: [&str; 6] = [
    "upregulation",
    "up-regulation",
    "overexpression",
    "over-expression",
    "elevation",
    "increase",
];
/// Less, as a noun before `of` or `in`.
pub(super) const DOWN_NOUNS: [&str; 6] = [
    "downregulation",
    "down-regulation",
    "underexpression",
    "reduction",
    "decrease",
    "decline",
];
/// Words of direction that mean nothing without what they are measured against.
pub(super) const COMPARATIVES: [&str; 4] = ["higher", "lower", "greater", "raised"];
/// Forms of verbs that can stand without an auxiliary.
pub(super) const ACTIVE: [&str; 10] = [
    "increased",
    "decreased",
    "increase",
    "decrease",
    "rose",
    "rise",
    "fell",
    "declined",
    "decline",
    "diminished",
];
/// Words of quantity that may follow the protein's name.
pub(super) const LEVELS: [&str; 13] = [
    "expression",
    "level",
    "protein",
    "abundance",
    "concentration",
    "amount",
    "content",
    "immunoreactivity",
    "immunostaining",
    "staining",
    "quantity",
    "intensity",
    "immunoexpression",
];
/// Verbs between the name and the direction.
pub(super) const AUXILIARIES: &str = "is are was were been be has ha have had being showed show exhibited exhibit displayed display found to \
     observed shown a an demonstrated detected at among";
/// What is said of a direction that follows nothing else.
pub(super) const SEEN: [&str; 12] = [
    "is",
    "are",
    "was",
    "were",
    "observed",
    "found",
    "detected",
    "seen",
    "noted",
    "evident",
    "present",
    "identified",
];
/// Words that say how much.
pub(super) const ADVERBS: &str = "significantly markedly strongly highly consistently substantially considerably dramatically clearly notably \
     also further much slightly moderately robustly remarkably greatly statistically significant marked strong \
     most both all";
/// Words that may stand beside the names of the arms without limiting them.
pub(super) const BESIDE: &str = "the human tissue sample specimen patient cell all of and with from these those that their paired matched \
     matching corresponding surrounding counterpart group subject individual volunteer donor participant people \
     person level in to as its this our a an case biopsy biopsie homogenate lysate section parenchyma mucosa \
     resected surgical";
/// Verbs by which tissue has a protein.
pub(super) const HAVING: [&str; 14] = [
    "showed",
    "show",
    "had",
    "have",
    "has",
    "ha",
    "exhibited",
    "exhibit",
    "displayed",
    "display",
    "expressed",
    "express",
    "contained",
    "presented",
];
/// Words that stand at the head of a sentence and say how it is known.
pub(super) const REPORTING: [&str; 4] = ["that", ":", ",", "and"];
