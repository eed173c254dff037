"""Makes old.xls, a workbook in the format of 1997, with xlwt 1.3.0."""
import xlwt

book = xlwt.Workbook()
sheet = book.add_sheet("data")
rows = [
    ["Protein", "Gene", "ctrl_1", "ctrl_2", "drug_1", "drug_2"],
    ["P04637", "TP53", 1.1e6, 1.2e6, 2.4e6, 2.6e6],
    ["P55072", "VCP", 3.1e7, 3.3e7, 1.2e7, 1.1e7],
]
for i, row in enumerate(rows):
    for j, cell in enumerate(row):
        sheet.write(i, j, cell)
book.save("old.xls")
