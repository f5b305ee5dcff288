"""How the practice goes: sessions, who came, who is new, who stays, how full it is. Figures with the words that read
them, the numbers behind them, and the geometry of their charts."""

from omnicrm.domain.insights.charts import Chart
from omnicrm.domain.insights.files import written
from omnicrm.domain.insights.ranges import Stretch, chosen
from omnicrm.domain.insights.reading import Figure, Insights, read

__all__ = ["Chart", "Figure", "Insights", "Stretch", "chosen", "read", "written"]
